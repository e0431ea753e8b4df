package samepage.cli;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern for paths below a directory, as in {@code .gitignore}: {@code *} and {@code ?} stay within a name, {@code **} does
 * not, {@code [a-z]} is one of them. With a slash within it, it is for the whole path, otherwise for a name at any depth; with
 * a slash at its end for directories only. What is below a directory that fits, fits.
 */
final class PathPattern {
    private static final String ANY_NAME = "[^/]*";

    private final Pattern pattern;

    private PathPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    static PathPattern of(String text) {
        var glob = latin(ArgumentText.bytes(text));
        var isForDirectories = glob.endsWith("/");
        var body = isForDirectories ? glob.substring(0, glob.length() - 1) : glob;
        var isAnchored = body.indexOf('/') >= 0;
        body = body.startsWith("/") ? body.substring(1) : body;
        if (body.isEmpty()) {
            throw new Refusal("'" + text + "'", "is no pattern");
        }
        try {
            var regex = (isAnchored ? "" : "(?:.*/)?") + regex(body) + (isForDirectories ? "/.*" : "(?:/.*)?");
            return new PathPattern(Pattern.compile(regex, Pattern.DOTALL));
        } catch (PatternSyntaxException e) {
            throw new Refusal("'" + text + "'", "is no pattern");
        }
    }

    /** Whether a file's path fits, or that of a directory above it. */
    boolean fitsFile(byte[] path) {
        return pattern.matcher(latin(path)).matches();
    }

    /** Whether a directory fits, and so all that is below it. */
    boolean fitsDirectory(byte[] path) {
        return pattern.matcher(latin(path) + "/").matches();
    }

    /** Each byte a character: names need not be text. */
    private static String latin(byte[] path) {
        return new String(path, StandardCharsets.ISO_8859_1);
    }

    private static String regex(String glob) {
        var regex = new StringBuilder();
        for (var i = 0; i < glob.length(); i++) {
            var c = glob.charAt(i);
            if (glob.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 2;
            } else if (glob.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (c == '*') {
                regex.append(ANY_NAME);
            } else if (c == '?') {
                regex.append("[^/]");
            } else if (c == '[' && glob.indexOf(']', i + 2) > 0) {
                var end = glob.indexOf(']', i + 2);
                var set = glob.substring(i + 1, end)
                        .replace("\\", "\\\\")
                        .replace("[", "\\[")
                        .replace("&&", "&\\&");
                regex.append("(?!/)[")
                        .append(set.startsWith("!") ? "^" + set.substring(1) : set)
                        .append(']');
                i = end;
            } else if (c == '\\' && i + 1 < glob.length()) {
                i++;
                regex.append(Pattern.quote(String.valueOf(glob.charAt(i))));
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.toString();
    }
}
