package samepage.vfs;

/** What a memory map is for, and who sees its stores. */
public enum MappingMode {
    /** Loads only. */
    READ_ONLY,
    /** Stores are the file's, for everybody to see. */
    SHARED,
    /** Stores are this map's alone: the first into a page copies it. */
    PRIVATE
}
