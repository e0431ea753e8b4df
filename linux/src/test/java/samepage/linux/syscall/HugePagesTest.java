package samepage.linux.syscall;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class HugePagesTest {
    private static final long MIB = 1 << 20;
    private static final Pattern WORDS = Pattern.compile("[\\s-]+");

    @Test
    void allocate_wholeHugePages_someAreHuge() throws IOException {
        assumeTrue(hostHasHugePages(), "skipped: transparent huge pages are off on this host");
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = HugePages.of(arena).allocate(8 * MIB, 4096);

            assertThat(memory.address() % (2 * MIB)).isZero();
            // Memory that was in use before, in small pages, stays in them.
            assertThat(hugeBytes(memory.address())).isPositive();
        }
    }

    @Test
    void allocate_anyLength_isMemoryUntilTheArenaIsClosed() {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            for (long bytes : new long[] {1, 4096, 2 * MIB - 4096, 2 * MIB, 6 * MIB, 6 * MIB + 1}) {
                MemorySegment one = HugePages.of(arena).allocate(bytes, 4096);

                assertThat(one.byteSize()).isEqualTo(bytes);
                assertThat(one.address() % 4096).isZero();
                one.fill((byte) 7);
                assertThat(one.get(ValueLayout.JAVA_BYTE, bytes - 1)).isEqualTo((byte) 7);
            }
            memory = HugePages.of(arena).allocate(2 * MIB, 1);
        }
        assertThat(memory.scope().isAlive()).isFalse();
    }

    @Test
    void close_ofManyInTurn_givesTheMemoryBack() throws IOException {
        long before = residentBytes();
        for (int i = 0; i < 64; i++) {
            try (Arena arena = Arena.ofConfined()) {
                HugePages.of(arena).allocate(16 * MIB, 4096).fill((byte) i);
            }
        }
        assertThat(residentBytes() - before).isLessThan(512 * MIB);
    }

    private static boolean hostHasHugePages() throws IOException {
        var setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        return Files.exists(setting) && !Files.readString(setting).contains("[never]");
    }

    /** How much of the mapping that has an address is in huge pages, by smaps. */
    private static long hugeBytes(long address) throws IOException {
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            String[] words = WORDS.split(line, -1);
            if (words[0].matches("[0-9a-f]+")) {
                inside = Long.compareUnsigned(Long.parseUnsignedLong(words[0], 16), address) <= 0
                        && Long.compareUnsigned(address, Long.parseUnsignedLong(words[1], 16)) < 0;
            } else if (inside && words[0].equals("AnonHugePages:")) {
                return 1024 * Long.parseLong(words[1]);
            }
        }
        return 0;
    }

    private static long residentBytes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            String line =
                    lines.filter(one -> one.startsWith("VmRSS:")).findFirst().orElse(null);
            return 1024 * Long.parseLong(WORDS.split(requireNonNull(line), -1)[1]);
        }
    }
}
