package samepage.verification.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A way from the beginning to where a property is broken, as the checker prints it, and its
 * picture: what dedupes do on the left, everybody else beside them, and how the blocks change on the right.
 */
final class Counterexample {
    private static final Pattern STATE = Pattern.compile("^State \\d+: <(\\w[\\w ]*?)(?: line [^>]*)?>$");
    private static final Pattern LOOP = Pattern.compile("^(?:Back to state (\\d+)|State (\\d+): Stuttering).*");
    private static final List<String> SLOT_NAMES = List.of("a0", "a1", "b0", "b1");
    private static final int DEDUPE_WIDTH = 40;
    private static final int OTHERS_WIDTH = 46;

    private final List<State> states;
    private final boolean endless;

    /** One block of a file: what its page has, and what is on the device. */
    private record Slot(String state, String value, boolean window, String device, String block) {
        String picture() {
            String memory = switch (state) {
                case "none" -> "-";
                case "clean" -> value;
                case "dirty" -> value + "*";
                default -> value + "~";
            };
            return memory + (window ? "w" : "") + "/" + device;
        }
    }

    /** Where a dedupe stands. */
    private record Place(String pc, String pair) {}

    private record State(String action, List<Slot> slots, List<String> work, List<Place> dedupes) {}

    private Counterexample(List<State> states, boolean endless) {
        this.states = states;
        this.endless = endless;
    }

    static Counterexample parse(String output) {
        var states = new ArrayList<State>();
        boolean endless = false;
        List<String> lines = output.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            endless |= LOOP.matcher(lines.get(i)).matches();
            Matcher header = STATE.matcher(lines.get(i));
            if (header.matches()) {
                var text = new StringBuilder();
                while (i + 1 < lines.size() && !lines.get(i + 1).isBlank()) {
                    text.append(lines.get(++i)).append(' ');
                }
                states.add(state(header.group(1), text.toString()));
            }
        }
        return new Counterexample(states, endless);
    }

    private static State state(String action, String text) {
        var printed = new HashMap<String, ModelValue>();
        for (String variable : text.split("/\\\\ ", -1)) {
            int equals = variable.indexOf(" = ");
            if (equals > 0) {
                printed.put(variable.substring(0, equals).strip(), ModelValue.parse(variable.substring(equals + 3)));
            }
        }
        var variables = new ModelValue("", List.of(), printed);
        ModelValue extents = variables.field("extents");
        var slots = new ArrayList<Slot>();
        for (ModelValue page : variables.field("page").elements()) {
            String block = extents.elements().get(slots.size()).text();
            String device = block.equals("0")
                    ? "0"
                    : variables
                            .field("device")
                            .elements()
                            .get(Integer.parseInt(block) - 1)
                            .text();
            boolean window = page.field("window").text().equals("TRUE");
            slots.add(new Slot(page.field("state").text(), page.field("value").text(), window, device, block));
        }
        var work = new ArrayList<String>();
        for (String worker : List.of("buffered", "direct", "cut", "fill")) {
            work.add(variables.field(worker).field("slot").text());
        }
        for (String perFile : List.of("flushing", "lease")) {
            variables
                    .field(perFile)
                    .elements()
                    .forEach(file -> work.add(file.field("slot").text()));
        }
        var dedupes = variables.field("dedupe").elements().stream()
                .map(dedupe ->
                        new Place(dedupe.field("pc").text(), dedupe.field("k").text()))
                .toList();
        return new State(action, slots, work, dedupes);
    }

    int stepCount() {
        return Math.max(0, states.size() - 1);
    }

    /** The picture; steps of a dedupe that change no block stand in one line. */
    String draw() {
        var picture = new StringBuilder();
        line(picture, "dedupe", "everybody else", SLOT_NAMES);
        line(picture, "", sharedBlocks(states.getFirst().slots), pictures(states.getFirst().slots, List.of()));
        var quiet = new StringBuilder();
        for (int i = 1; i < states.size(); i++) {
            State before = states.get(i - 1);
            State now = states.get(i);
            if (now.action.equals("SkipsPair")) {
                continue;
            }
            String step = dedupeStep(before, now);
            List<String> changed = pictures(now.slots, before.slots);
            boolean changes = changed.stream().anyMatch(text -> !text.isEmpty());
            if (step.isEmpty()) {
                flush(picture, quiet);
                line(picture, "", othersStep(before, now), changed);
            } else if (changes) {
                flush(picture, quiet);
                line(picture, step, "", changed);
            } else {
                quiet.append(quiet.isEmpty() ? "" : ", ").append(step);
            }
        }
        flush(picture, quiet);
        if (endless) {
            line(picture, "... and so on without end", "", List.of());
        }
        return picture.toString();
    }

    private static void flush(StringBuilder picture, StringBuilder quiet) {
        var line = new StringBuilder();
        for (String word : quiet.toString().split(", ", -1)) {
            if (line.length() + word.length() + 3 > DEDUPE_WIDTH) {
                line(picture, line.append(',').toString(), "", List.of());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : ", ").append(word);
        }
        if (!line.isEmpty()) {
            line(picture, line.toString(), "", List.of());
        }
        quiet.setLength(0);
    }

    private static List<String> pictures(List<Slot> now, List<Slot> before) {
        var pictures = new ArrayList<String>();
        for (int i = 0; i < now.size(); i++) {
            boolean same = !before.isEmpty() && before.get(i).equals(now.get(i));
            pictures.add(same ? "" : now.get(i).picture());
        }
        return pictures;
    }

    private static void line(StringBuilder picture, String left, String right, List<String> slots) {
        var text = new StringBuilder()
                .append(String.format(Locale.ROOT, "%-" + DEDUPE_WIDTH + "s | %-" + OTHERS_WIDTH + "s |", left, right));
        slots.forEach(slot -> text.append(String.format(Locale.ROOT, " %-5s", slot)));
        picture.append(text.toString().stripTrailing()).append('\n');
    }

    private static String sharedBlocks(List<Slot> slots) {
        var pairs = new ArrayList<String>();
        for (int s = 0; s < slots.size(); s++) {
            for (int t = s + 1; t < slots.size(); t++) {
                if (slots.get(s).block.equals(slots.get(t).block)) {
                    pairs.add(SLOT_NAMES.get(s) + " and " + SLOT_NAMES.get(t));
                }
            }
        }
        return pairs.isEmpty() ? "" : "one block: " + String.join(", ", pairs);
    }

    /** What the dedupe did that has moved, by where it stood; empty where none has. */
    private static String dedupeStep(State before, State now) {
        for (int d = 0; d < now.dedupes.size(); d++) {
            Place from = before.dedupes.get(d);
            if (!from.equals(now.dedupes.get(d)) || isOf(now.action, from)) {
                String which = now.dedupes.size() > 1 ? "D" + (d + 1) + " " : "";
                String pair = from.pair.equals("0") ? "" : " " + (Integer.parseInt(from.pair) - 1);
                return which + from.pc + pair;
            }
        }
        return "";
    }

    private static boolean isOf(String action, Place place) {
        return action.equals("RecallsLayouts") && place.pc.equals("recall");
    }

    private static String othersStep(State before, State now) {
        String words = now.action.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
        var slots = new ArrayList<String>();
        for (int i = 0; i < now.work.size(); i++) {
            if (!now.work.get(i).equals(before.work.get(i))) {
                slots.add(now.work.get(i).equals("0") ? before.work.get(i) : now.work.get(i));
            }
        }
        for (int s = 0; s < now.slots.size() && slots.isEmpty(); s++) {
            if (!now.slots.get(s).equals(before.slots.get(s))) {
                slots.add(Integer.toString(s + 1));
            }
        }
        return slots.isEmpty() ? words : words + ": " + SLOT_NAMES.get(Integer.parseInt(slots.getFirst()) - 1);
    }
}
