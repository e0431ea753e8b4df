package samepage.cli;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import samepage.errno.PrintableName;

/**
 * An argument {@code VOLUME[:/PATH]}, taken apart.
 *
 * <p>The volume's own path may contain {@code :/}: the longest prefix that is a volume wins. Where none is, and one is to be created,
 * the longest prefix wins whose parent directory exists.
 *
 * @param volume path of the volume on the host
 * @param path path inside, beginning with {@code /}
 */
// A record compares arrays by identity; nothing compares these.
@SuppressWarnings("ArrayRecordComponent")
record VolumePath(byte[] volume, byte[] path) {
    private static final byte[] ROOT = {'/'};

    /** Of a volume that should exist; the refusal for a missing one comes when it is opened. */
    static VolumePath existing(String argument) {
        return split(ArgumentText.bytes(argument), VolumeLocation::isVolume, VolumeLocation::exists);
    }

    /** Of a volume that is created where it is missing. */
    static VolumePath existingOrNew(String argument) {
        return split(ArgumentText.bytes(argument), VolumeLocation::isVolume, VolumeLocation::hasParent);
    }

    /** The volume that all of these are in. */
    static byte[] sameVolume(List<VolumePath> paths) {
        var first = paths.getFirst();
        for (var path : paths) {
            if (!VolumeLocation.isSame(path.volume, first.volume)) {
                throw new Refusal(path.toString(), "is not in the same volume as " + first);
            }
        }
        return first.volume;
    }

    boolean hasPath() {
        return path.length > 1;
    }

    /** As it was typed, printable. */
    @Override
    public String toString() {
        return PrintableName.of(volume) + (hasPath() ? ":" + PrintableName.of(path) : "");
    }

    /** The longest prefix that is {@code best}, else the longest that is {@code second}, else what comes before the first {@code :/}. */
    static VolumePath split(byte[] argument, Predicate<byte[]> best, Predicate<byte[]> second) {
        for (var wanted : List.of(best, second)) {
            for (var end = argument.length; end > 0; end = previousSeparator(argument, end)) {
                var prefix = Arrays.copyOf(argument, end);
                if (wanted.test(prefix)) {
                    return at(argument, end);
                }
            }
        }
        var first = argument.length;
        for (var end = argument.length; end > 0; end = previousSeparator(argument, end)) {
            first = end;
        }
        return at(argument, first);
    }

    private static VolumePath at(byte[] argument, int end) {
        var path = end == argument.length ? ROOT : Arrays.copyOfRange(argument, end + 1, argument.length);
        return new VolumePath(Arrays.copyOf(argument, end), path);
    }

    /** Where {@code :/} begins before {@code end}; 0 where it does not. */
    private static int previousSeparator(byte[] argument, int end) {
        for (var position = end - 1; position > 0; position--) {
            if (argument[position] == ':' && position + 1 < argument.length && argument[position + 1] == '/') {
                return position;
            }
        }
        return 0;
    }
}
