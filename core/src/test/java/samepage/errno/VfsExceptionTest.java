package samepage.errno;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class VfsExceptionTest {
    @Test
    void message_withValues_namesThemAndSaysWhatTheNumberMeans() {
        var refusal = new VfsException(Errno.EINVAL, "range is not aligned")
                .with("inode", 17)
                .with("offset", 4096);

        assertThat(refusal).hasMessage("range is not aligned: inode=17 offset=4096 (Invalid argument)");
        assertThat(refusal.errno()).isEqualTo(Errno.EINVAL);
    }

    @Test
    void message_withoutValues_isTheTextAndTheNumbersMeaning() {
        assertThat(new VfsException(Errno.EROFS, "volume stopped"))
                .hasMessage("volume stopped (Read-only file system)");
    }

    @Test
    void message_withNumberOnly_isItsMeaning() {
        assertThat(new VfsException(Errno.ENOENT)).hasMessage("No such file or directory");
    }

    @Test
    void message_withName_showsItPrintable() {
        var refusal = new VfsException(Errno.EEXIST, "cannot make").with("name", new byte[] {'a', '\n', (byte) 0xff});

        assertThat(refusal).hasMessage("cannot make: name=a\\n\\xff (File exists)");
    }

    @Test
    void cause_given_isKept() {
        var cause = new IOException("disk on fire");

        assertThat(new VfsException(Errno.EIO, "cannot read", cause)).hasCause(cause);
    }

    @Test
    void of_everyNumber_givesItsConstant() {
        for (var errno : Errno.values()) {
            assertThat(Errno.of(errno.number())).isEqualTo(errno);
        }
    }

    @Test
    void of_numberThatStandsForNothing_isEio() {
        assertThat(Errno.of(0)).isEqualTo(Errno.EIO);
        assertThat(Errno.of(-2)).isEqualTo(Errno.EIO);
        assertThat(Errno.of(41)).isEqualTo(Errno.EIO);
        assertThat(Errno.of(4096)).isEqualTo(Errno.EIO);
    }
}
