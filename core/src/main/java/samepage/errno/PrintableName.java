package samepage.errno;

import java.nio.charset.StandardCharsets;

/**
 * A file's name or path, which is bytes, as text that is safe to print on a terminal and tells different names apart.
 *
 * <p>Valid UTF-8 stands as it is. Everything else is escaped as the shell's {@code $'...'} reads it back: {@code \n}, {@code \t},
 * {@code \r}, {@code \\}, and {@code \xHH} for each byte of what is not UTF-8 and of control, format (bidirectional marks among
 * them), line separator, private use and unassigned characters.
 */
public final class PrintableName {
    private static final String HEX = "0123456789abcdef";

    private PrintableName() {}

    /** The text of a name or path; the empty string for none. */
    public static String of(byte[] name) {
        return of(name, 0, name.length);
    }

    /** The text of {@code length} bytes from {@code start} on. */
    public static String of(byte[] name, int start, int length) {
        var text = new StringBuilder(length + 8);
        var end = start + length;
        var position = start;
        while (position < end) {
            var size = sizeOfCharacter(name, position, end);
            if (size == 0) {
                appendHex(text, name[position]);
                position++;
            } else {
                appendCharacter(text, name, position, size);
                position += size;
            }
        }
        return text.toString();
    }

    private static void appendCharacter(StringBuilder text, byte[] name, int position, int size) {
        switch (name[position]) {
            case '\n' -> text.append("\\n");
            case '\t' -> text.append("\\t");
            case '\r' -> text.append("\\r");
            case '\\' -> text.append("\\\\");
            default -> {
                var character = new String(name, position, size, StandardCharsets.UTF_8);
                if (isPrintable(character.codePointAt(0))) {
                    text.append(character);
                } else {
                    for (var i = 0; i < size; i++) {
                        appendHex(text, name[position + i]);
                    }
                }
            }
        }
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** The bytes of the well-formed UTF-8 character at a position; 0 where there is none (overlong, surrogate, cut short, too high). */
    private static int sizeOfCharacter(byte[] name, int position, int end) {
        var first = name[position] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        var size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (size == 0 || end - position < size) {
            return 0;
        }
        var second = name[position + 1] & 0xff;
        var lowestSecond = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        var highestSecond = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < lowestSecond || second > highestSecond) {
            return 0;
        }
        for (var i = 2; i < size; i++) {
            if ((name[position + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return size;
    }

    private static void appendHex(StringBuilder text, byte value) {
        text.append("\\x").append(HEX.charAt((value >> 4) & 0xf)).append(HEX.charAt(value & 0xf));
    }
}
