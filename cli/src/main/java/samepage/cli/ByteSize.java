package samepage.cli;

/** Sizes as people type them: {@code 64k}, {@code 256M}, {@code 2g}, or bytes. */
final class ByteSize {
    private static final String UNITS = "kmgt";

    private ByteSize() {}

    /** @param word what the refusal names */
    static long parse(String text, String word) {
        if (text.isEmpty()) {
            throw new Refusal(word, "wants a size such as 256m");
        }
        int unit = UNITS.indexOf(Character.toLowerCase(text.charAt(text.length() - 1)));
        try {
            long number = Long.parseLong(unit < 0 ? text : text.substring(0, text.length() - 1));
            return Math.multiplyExact(number, 1L << (10 * (unit + 1)));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new Refusal(word, "wants a size such as 256m");
        }
    }
}
