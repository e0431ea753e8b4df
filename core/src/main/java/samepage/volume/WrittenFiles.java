package samepage.volume;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The files that content was written to since somebody last asked. Until somebody asks for the first time, none is noted. */
public final class WrittenFiles {
    private final Set<Long> inos = ConcurrentHashMap.newKeySet();
    private volatile boolean isAskedFor;

    WrittenFiles() {}

    /** The volume's blocks tell of content that was written to the inode. */
    public void note(long ino) {
        if (isAskedFor) {
            inos.add(ino);
        }
    }

    /** Takes some of what was taken back: it is given again the next time. */
    public void giveBack(Collection<Long> taken) {
        inos.addAll(taken);
    }

    public boolean isEmpty() {
        return inos.isEmpty();
    }

    /** All that were noted, once: what is noted meanwhile is given now or the next time. */
    public Collection<Long> take() {
        isAskedFor = true;
        var taken = Set.copyOf(inos);
        inos.removeAll(taken);
        return taken;
    }
}
