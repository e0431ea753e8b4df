package samepage.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The order of the rooms, held against the class files of every module. */
final class ArchitectureTest {
    private static final String PLANTED = "samepage.verification.planted";

    private static final JavaClasses PRODUCT = new ClassFileImporter().importLocations(modules());

    @Test
    void imported_everyModuleOfTheProduct_isThere() {
        assertThat(PRODUCT.stream().map(type -> type.getPackageName()).collect(Collectors.toSet()))
                .contains("samepage.block", "samepage.volume", "samepage.cli", "samepage.dedupe", "samepage.rocksdb")
                .anyMatch(name -> name.startsWith("samepage.linux."));
    }

    @ParameterizedTest
    @MethodSource("rulesOfTheProduct")
    void product_everyRule_holds(ArchRule rule) {
        rule.check(PRODUCT);
    }

    static List<ArchRule> rulesOfTheProduct() {
        return new ArchitectureRules("samepage").all();
    }

    @Test
    void planted_everyViolation_isFound() {
        var planted = new ClassFileImporter().importPackages(PLANTED);

        var reports = new ArchitectureRules(PLANTED)
                .all().stream()
                        .map(rule -> rule.evaluate(planted).getFailureReport().toString())
                        .collect(Collectors.joining("\n"));

        assertThat(reports)
                .contains("lock.UsesBlock.broken")
                .contains("io.UsesRemap.broken")
                .contains("pagecache.UsesVolume.broken")
                .contains("Cycle detected")
                .contains("vfs.CallsNative.linker")
                .contains("vfs.CallsNative.library")
                .contains("vfs.CallsNative.method")
                .contains("vfs.CallsNative.store");
    }

    private static Set<Location> modules() {
        return ModuleLayer.boot().configuration().modules().stream()
                .filter(module ->
                        module.name().startsWith("samepage.") && !module.name().equals("samepage.verification"))
                .map(module -> location(module.reference().location().orElseThrow()))
                .collect(Collectors.toSet());
    }

    /** Where a module's class files are: in a jar after packaging, in a directory before. */
    private static Location location(URI module) {
        return module.getPath().endsWith(".jar")
                ? Location.of(URI.create("jar:" + module + "!/"))
                : Location.of(module);
    }
}
