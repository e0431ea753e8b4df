package samepage.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import samepage.linux.fuse.FuseOptions;
import samepage.linux.syscall.HostProcess;
import samepage.linux.syscall.HugePages;
import samepage.vfs.VfsOptions;
import samepage.vfs.VfsOptions.AccessTimes;

/** What follows {@code -o}: words with commas in between, as mount(8) has them. The last word on a matter counts. */
final class MountOptions {
    /** What mount(8), fstab and systemd say among themselves, and what is so in any case. */
    private static final Set<String> OF_NO_INTEREST = Set.of(
            "rw",
            "defaults",
            "auto",
            "noauto",
            "user",
            "nouser",
            "users",
            "group",
            "owner",
            "nofail",
            "_netdev",
            "async",
            "lazytime",
            "nolazytime",
            "silent",
            "loud",
            "default_permissions",
            "nonempty",
            "big_writes");

    /** Little: the kernel keeps what programs have read and written, too. */
    private static final long DEFAULT_CACHE_BYTES = 64L << 20;

    private boolean readOnly;
    private boolean allowOther = HostProcess.effectiveUserId() == 0;
    private boolean setIds;
    private boolean devices;
    private boolean execution = true;
    private boolean rings = true;
    private boolean create;
    private boolean backgroundDedupe = true;
    private Duration maxStall = Duration.ofMillis(5);
    private final List<String> included = new ArrayList<>();
    private final List<String> excluded = new ArrayList<>();
    private String subtype = "samepage";
    private AccessTimes accessTimes = AccessTimes.RELATIVE;
    private boolean directoryAccessTimes = true;
    private long cacheBytes = DEFAULT_CACHE_BYTES;

    private MountOptions() {}

    /** Of all lists that were given; a {@link Refusal} names a word that is not known. */
    static MountOptions parse(List<String> lists) {
        var options = new MountOptions();
        lists.stream()
                .flatMap(list -> Arrays.stream(list.split(",", -1)))
                .filter(word -> !word.isEmpty())
                .forEach(options::take);
        return options;
    }

    private void take(String word) {
        switch (word) {
            case "ro" -> readOnly = true;
            case "rw" -> readOnly = false;
            case "allow_other" -> allowOther = true;
            case "noallow_other" -> allowOther = false;
            case "suid" -> setIds = true;
            case "nosuid" -> setIds = false;
            case "dev" -> devices = true;
            case "nodev" -> devices = false;
            case "exec" -> execution = true;
            case "noexec" -> execution = false;
            case "relatime", "atime", "norelatime" -> accessTimes = AccessTimes.RELATIVE;
            case "noatime" -> accessTimes = AccessTimes.NEVER;
            case "strictatime" -> accessTimes = AccessTimes.ALWAYS;
            case "diratime" -> directoryAccessTimes = true;
            case "nodiratime" -> directoryAccessTimes = false;
            case "io_uring" -> rings = true;
            case "noio_uring" -> rings = false;
            case "create" -> create = true;
            default -> takeValue(word);
        }
    }

    private void takeValue(String word) {
        if (word.startsWith("subtype=")) {
            subtype = valueOf(word);
        } else if (word.startsWith("dedupe=")) {
            backgroundDedupe = switch (valueOf(word)) {
                case "background" -> true;
                case "off" -> false;
                default -> throw new Refusal(word, "wants background or off");
            };
        } else if (word.startsWith("max_stall=")) {
            maxStall = Duration.ofMillis(milliseconds(word));
        } else if (word.startsWith("include=")) {
            included.add(valueOf(word));
        } else if (word.startsWith("exclude=")) {
            excluded.add(valueOf(word));
        } else if (word.startsWith("cache=")) {
            cacheBytes = ByteSize.parse(valueOf(word), word);
        } else if (!OF_NO_INTEREST.contains(word) && !word.startsWith("x-") && !word.startsWith("comment=")) {
            throw new Refusal("-o " + word, "is no option of a mount; see 'samepage mount --help'");
        }
    }

    private static String valueOf(String word) {
        return word.substring(word.indexOf('=') + 1);
    }

    private static long milliseconds(String word) {
        try {
            return Long.parseUnsignedLong(valueOf(word));
        } catch (NumberFormatException e) {
            throw new Refusal(word, "wants milliseconds");
        }
    }

    /** Whether duplicates are shared while it is mounted. */
    boolean isDedupedInBackground() {
        return backgroundDedupe && !readOnly;
    }

    /** How that is done. */
    BackgroundSharing.Options ofSharing() {
        return new BackgroundSharing.Options(maxStall, PathFilter.of(included, excluded));
    }

    /** Patterns may have commas, which lists of options may not. */
    void share(List<String> including, List<String> excluding) {
        included.addAll(including);
        excluded.addAll(excluding);
    }

    void createWhereMissing() {
        create = true;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    boolean isToBeCreated() {
        return create;
    }

    VfsOptions ofVolume() {
        var ofVolume = VfsOptions.DEFAULT
                .withAccessTimes(accessTimes)
                .withCacheBytes(cacheBytes)
                .withMemory(HugePages::of)
                .withAccessControlLists();
        return directoryAccessTimes ? ofVolume : ofVolume.withoutDirectories();
    }

    /** @param source what mount(8) shows as the mounted device */
    FuseOptions ofMount(String source) {
        return new FuseOptions(source, subtype, readOnly, accessTimes, allowOther, setIds, devices, execution, rings);
    }
}
