package samepage.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class HostProcessTest {
    @Test
    void ids_ofThisProcess_agreeWithTheKernel() throws Exception {
        assertThat(statusLine("Uid:")).startsWith(HostProcess.userId() + "\t" + HostProcess.effectiveUserId() + "\t");
        assertThat(statusLine("Gid:")).startsWith(HostProcess.groupId() + "\t" + HostProcess.effectiveGroupId() + "\t");
        var groups = Arrays.stream(statusLine("Groups:").split(" "))
                .filter(group -> !group.isEmpty())
                .mapToInt(Integer::parseUnsignedInt)
                .toArray();
        assertThat(HostProcess.supplementaryGroupIds()).containsExactlyInAnyOrder(groups);
    }

    @Test
    void setUmask_changed_returnsTheFormer() {
        var former = HostProcess.setUmask(0123);

        assertThat(HostProcess.setUmask(former)).isEqualTo(0123);
    }

    @Test
    void isTerminal_ofWhatIsNone_isFalse() {
        assertThat(HostProcess.isTerminal(-1)).isFalse();
        assertThat(HostProcess.terminalColumns(-1)).isZero();
    }

    @Test
    void lastArguments_ofThisProcess_endItsCommandLine() throws Exception {
        var arguments = ProcessHandle.current().info().arguments().orElseThrow();
        var last = HostProcess.lastArguments(1).getFirst();

        assertThat(new String(last, Charset.defaultCharset())).isEqualTo(arguments[arguments.length - 1]);
        assertThat(HostProcess.lastArguments(0)).isEmpty();
    }

    private static String statusLine(String label) throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()).strip())
                .findFirst()
                .orElseThrow();
    }
}
