package samepage.vfs;

import java.util.Set;

/**
 * On whose behalf an operation is done.
 *
 * @param groups supplementary groups
 * @param umask permission bits that what is created goes without
 * @param privileged not bound by permissions and ownership, as root on Linux
 */
public record Caller(int uid, int gid, Set<Integer> groups, int umask, boolean privileged) {
    /** The privileged user, who creates exactly what is asked for. */
    public static final Caller ROOT = new Caller(0, 0, Set.of(), 0, true);

    public Caller {
        groups = Set.copyOf(groups);
    }

    /** An ordinary user with no supplementary groups. */
    public static Caller user(int uid, int gid, int umask) {
        return new Caller(uid, gid, Set.of(), umask, false);
    }

    /** True where {@code group} is one of the caller's. */
    public boolean isInGroup(int group) {
        return gid == group || groups.contains(group);
    }
}
