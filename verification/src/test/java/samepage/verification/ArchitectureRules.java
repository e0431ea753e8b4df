package samepage.verification;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/**
 * What may use what, for the packages under one root: the product's own, or a small one in which each rule is broken.
 *
 * <p>A rule holds for a room that has no class yet.
 */
record ArchitectureRules(String root) {
    /** The rooms of core from the top down. A room uses those below its own line; those on one line never call each other. */
    private static final List<List<String>> ROOMS = List.of(
            List.of("vfs"),
            List.of("remap", "io"),
            List.of("inode"),
            List.of("pagecache"),
            List.of("volume"),
            List.of("block"),
            List.of("lock"),
            List.of("errno"));

    List<ArchRule> all() {
        var rules = new ArrayList<ArchRule>();
        rules.addAll(roomOrder());
        rules.add(pagesKnowNothingOfVolumes());
        rules.add(noCycles());
        rules.add(foreignCallsInLinuxOnly());
        rules.add(nativeLibrariesInRocksdbOnly());
        rules.add(noNativeMethods());
        rules.add(rocksdbBehindItsStore());
        return rules;
    }

    private List<ArchRule> roomOrder() {
        var rules = new ArrayList<ArchRule>();
        var notBelow = new ArrayList<String>();
        for (var line : ROOMS) {
            for (var room : line) {
                var forbidden = new ArrayList<>(notBelow);
                line.stream().filter(sibling -> !sibling.equals(room)).forEach(forbidden::add);
                if (!forbidden.isEmpty()) {
                    rules.add(noClasses()
                            .that()
                            .resideInAPackage(room(room))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(
                                    forbidden.stream().map(this::room).toArray(String[]::new))
                            .because(room + " is not above " + String.join(", ", forbidden))
                            .allowEmptyShould(true));
                }
            }
            notBelow.addAll(line);
        }
        return rules;
    }

    private ArchRule pagesKnowNothingOfVolumes() {
        return noClasses()
                .that()
                .resideInAPackage(room("pagecache"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(room("volume"))
                .because("a page reaches its blocks through the backing it is given, and never sees an extent")
                .allowEmptyShould(true);
    }

    private ArchRule noCycles() {
        return slices().matching(root + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);
    }

    private ArchRule foreignCallsInLinuxOnly() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(room("linux"))
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup)(\\$.*)?")
                .because("what is native lives in linux")
                .allowEmptyShould(true);
    }

    private ArchRule nativeLibrariesInRocksdbOnly() {
        DescribedPredicate<JavaCall<?>> loadsALibrary = target(owner(nameMatching("java\\.lang\\.(System|Runtime)")))
                .and(target(name("loadLibrary").or(name("load"))));
        return noClasses()
                .that()
                .resideOutsideOfPackages(room("linux"), room("rocksdb"))
                .should()
                .callMethodWhere(loadsALibrary.as("a native library is loaded"))
                .because("what is native lives in linux and rocksdb")
                .allowEmptyShould(true);
    }

    private static ArchRule noNativeMethods() {
        return noMethods()
                .should()
                .haveModifier(JavaModifier.NATIVE)
                .because("native code is reached by foreign function calls")
                .allowEmptyShould(true);
    }

    private ArchRule rocksdbBehindItsStore() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(room("rocksdb"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.rocksdb..")
                .because("no RocksDB type crosses the metadata store")
                .allowEmptyShould(true);
    }

    private String room(String name) {
        return root + "." + name + "..";
    }
}
