package samepage.cli;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Arguments as strings that keep every byte: UTF-8 as it is, and each byte that is none as a lone surrogate, U+DC80 to U+DCFF, which
 * no UTF-8 decodes to. What the JVM hands to {@code main} has a question mark in such a byte's place.
 */
final class ArgumentText {
    private static final char FIRST_ESCAPE = '\udc80';
    private static final char LAST_ESCAPE = '\udcff';

    private ArgumentText() {}

    static String of(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        for (CoderResult result = decoder.decode(in, out, true);
                result.isError();
                result = decoder.decode(in, out, true)) {
            for (var i = 0; i < result.length(); i++) {
                out.put((char) (FIRST_ESCAPE - 0x80 + (in.get() & 0xff)));
            }
            decoder.reset();
        }
        return out.flip().toString();
    }

    static byte[] bytes(String text) {
        var bytes = new ByteArrayOutputStream(text.length());
        for (var position = 0; position < text.length(); ) {
            var codePoint = text.codePointAt(position);
            if (codePoint >= FIRST_ESCAPE && codePoint <= LAST_ESCAPE) {
                bytes.write(codePoint);
            } else {
                bytes.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
            }
            position += Character.charCount(codePoint);
        }
        return bytes.toByteArray();
    }
}
