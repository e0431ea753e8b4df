package samepage.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Strings as C has them, in memory of their own. */
final class CStrings {
    private CStrings() {}

    static MemorySegment of(Arena arena, byte[] text) {
        MemorySegment string = arena.allocate(text.length + 1L);
        MemorySegment.copy(text, 0, string, ValueLayout.JAVA_BYTE, 0, text.length);
        return string;
    }

    /** The string that begins there, up to its NUL, or up to {@code end}. */
    static byte[] read(MemorySegment source, long start, long end) {
        long at = start;
        while (at < end && source.get(ValueLayout.JAVA_BYTE, at) != 0) {
            at++;
        }
        return source.asSlice(start, at - start).toArray(ValueLayout.JAVA_BYTE);
    }

    /** A vector that ends in NULL, as of arguments. */
    static MemorySegment vector(Arena arena, List<byte[]> texts) {
        MemorySegment vector = arena.allocate(ValueLayout.ADDRESS, texts.size() + 1L);
        for (var i = 0; i < texts.size(); i++) {
            vector.setAtIndex(ValueLayout.ADDRESS, i, of(arena, texts.get(i)));
        }
        return vector;
    }
}
