package samepage.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import samepage.lock.LockRank;

class LockingDocumentTest {
    @Test
    void ranks_inTheDocument_areThoseOfTheCodeInItsOrder() throws IOException {
        String document = Files.readString(Path.of("..", "docs", "locking.md"));
        String table = document.substring(document.indexOf("## Ranks"), document.indexOf("## Operations"));

        var documented = table.lines()
                .filter(line -> line.startsWith("| "))
                .map(line -> line.substring(2, line.indexOf('|', 2)).strip())
                .filter(rank -> !rank.equals("rank"))
                .toList();

        assertThat(documented)
                .isEqualTo(Arrays.stream(LockRank.values()).map(Enum::name).toList());
    }
}
