package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;

class SuperblockTest {
    private final Superblock superblock = Superblock.create(4096);

    @Test
    void decode_ofWhatWasEncoded_givesTheSame() throws VfsException {
        byte[] encoded = superblock.encode();

        assertThat(encoded).hasSize(512).startsWith("SAMEPAGE".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(Superblock.decode(encoded, "here")).isEqualTo(superblock);
    }

    @Test
    void decode_ofSomethingElse_isNoVolume() {
        refused(() -> Superblock.decode(new byte[512], "/v"), Errno.EINVAL, "not a Samepage volume: /v");
        refused(() -> Superblock.decode(new byte[0], "/v"), Errno.EINVAL, "not a Samepage volume: /v");
        byte[] shorter = java.util.Arrays.copyOf(superblock.encode(), 511);
        refused(() -> Superblock.decode(shorter, "/v"), Errno.EINVAL, "not a Samepage volume: /v");
    }

    @Test
    void decode_withAnyByteChanged_isDamaged() {
        for (int at = 8; at < 512; at++) {
            byte[] encoded = superblock.encode();
            encoded[at] ^= 1;
            refused(() -> Superblock.decode(encoded, "/v"), Errno.EUCLEAN, "the superblock is damaged: /v");
        }
    }

    @Test
    void decode_ofANewerVersionOrUnknownFeatures_isRefused() {
        var newer = new Superblock(Superblock.VERSION + 1, 4096, 0, UUID.randomUUID(), 0);
        refused(() -> Superblock.decode(newer.encode(), "/v"), Errno.EOPNOTSUPP, "newer version");
        var featured = new Superblock(Superblock.VERSION, 4096, 1L << 40, UUID.randomUUID(), 0);
        refused(() -> Superblock.decode(featured.encode(), "/v"), Errno.EOPNOTSUPP, "features=10000000000");
    }

    private static void refused(ThrowingCallable call, Errno errno, String text) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .hasMessageContaining(text);
    }
}
