package samepage.linux.reflink;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Up to 64 short records of neighbouring keys in one: of each only what the one before does not tell. Files that are read one
 * after the other lie side by side, mostly in one directory; inodes are given out in groups of 64.
 *
 * <pre>
 *   of files, each    slot   2 * root + is copy   subvolume'   inode'   size
 *                     length of the path's beginning that is that of the one before   the rest of the path
 *     then            runs   of the first: blocks left out   count   place + 3'     the rest of the record
 *     or of a copy    how far back its original's id is'   length of what both paths end in
 *
 *   of inodes, each   slot   version (4)   id'
 * </pre>
 *
 * A slot is the number's place in the group, a prime the difference to the one before.
 */
final class RecordGroup {
    static final int SLOTS = 64;

    private RecordGroup() {}

    /** Records by slot, as {@link IndexRecords#file} and {@link IndexRecords#copy} have them. */
    static byte[] ofFiles(SortedMap<Integer, byte[]> records) {
        var group = new RecordWriter(records.size() * 48);
        var before = new FileFields();
        for (Map.Entry<Integer, byte[]> entry : records.entrySet()) {
            before = FileFields.ofRecord(entry.getKey(), entry.getValue()).writeAfter(before, group);
        }
        return group.toArray();
    }

    /** What {@link #ofFiles} was given. */
    static SortedMap<Integer, byte[]> files(byte[] group) {
        var records = new TreeMap<Integer, byte[]>();
        var reader = new RecordReader(group);
        for (var fields = new FileFields(); !reader.isAtEnd(); ) {
            fields = FileFields.readAfter(fields, reader);
            records.put(fields.slot, fields.toRecord());
        }
        return records;
    }

    /** The record in that slot; null where there is none. */
    static byte @Nullable [] file(byte[] group, int slot) {
        var reader = new RecordReader(group);
        for (var fields = new FileFields(); !reader.isAtEnd(); ) {
            fields = FileFields.readAfter(fields, reader);
            if (fields.slot >= slot) {
                return fields.slot == slot ? fields.toRecord() : null;
            }
        }
        return null;
    }

    /** Records by slot, as {@link IndexRecords#inode} has them. */
    static byte[] ofInodes(SortedMap<Integer, byte[]> records) {
        var group = new RecordWriter(records.size() * 8);
        long before = 0;
        for (Map.Entry<Integer, byte[]> entry : records.entrySet()) {
            var record = new RecordReader(entry.getValue());
            group.number(entry.getKey()).int32(record.int32());
            long id = record.number();
            group.difference(id, before);
            before = id;
        }
        return group.toArray();
    }

    /** What {@link #ofInodes} was given. */
    static SortedMap<Integer, byte[]> inodes(byte[] group) {
        var records = new TreeMap<Integer, byte[]>();
        var reader = new RecordReader(group);
        for (long id = 0; !reader.isAtEnd(); ) {
            int slot = (int) reader.number();
            int version = reader.int32();
            id = reader.numberAfter(id);
            records.put(slot, IndexRecords.inode(id, version));
        }
        return records;
    }

    /** The record in that slot; null where there is none. */
    static byte @Nullable [] inode(byte[] group, int slot) {
        var reader = new RecordReader(group);
        for (long id = 0; !reader.isAtEnd(); ) {
            int here = (int) reader.number();
            int version = reader.int32();
            id = reader.numberAfter(id);
            if (here >= slot) {
                return here == slot ? IndexRecords.inode(id, version) : null;
            }
        }
        return null;
    }

    /** A file's record, taken apart. */
    private static final class FileFields {
        private static final byte[] NOTHING = {};

        private int slot;
        private long kind;
        private long subvolume;
        private long inode;
        private long size;
        private byte[] path = NOTHING;

        /** Of a copy. */
        private long original;

        private long same;

        /** Of what is no copy. */
        private long runs;

        private long leftOut;
        private long count;
        private long place;
        private byte[] rest = NOTHING;

        private boolean isCopy() {
            return IndexRecords.isCopy(kind);
        }

        /** The fields that the next one is told by, where it is of the other kind. */
        private static FileFields after(FileFields before) {
            var fields = new FileFields();
            fields.original = before.original;
            fields.place = before.place;
            return fields;
        }

        static FileFields ofRecord(int slot, byte[] bytes) {
            var fields = new FileFields();
            var record = new RecordReader(bytes);
            fields.slot = slot;
            fields.subvolume = record.number();
            fields.inode = record.number();
            fields.size = record.number();
            fields.kind = record.number();
            fields.path = record.bytes();
            if (fields.isCopy()) {
                fields.original = record.number();
                fields.same = record.number();
                return fields;
            }
            fields.runs = record.number();
            if (fields.runs > 0) {
                fields.leftOut = record.number();
                fields.count = record.number();
                fields.place = record.number();
            }
            fields.rest = record.rest();
            return fields;
        }

        byte[] toRecord() {
            var record = new RecordWriter(48 + path.length + rest.length)
                    .number(subvolume)
                    .number(inode)
                    .number(size)
                    .number(kind)
                    .bytes(path);
            if (isCopy()) {
                return record.number(original).number(same).toArray();
            }
            record.number(runs);
            if (runs > 0) {
                record.number(leftOut).number(count).number(place);
            }
            return record.plain(rest).toArray();
        }

        /** Returns what the next one is to be told by. */
        FileFields writeAfter(FileFields before, RecordWriter group) {
            int begins = Arrays.mismatch(path, before.path);
            int known = begins < 0 ? path.length : begins;
            group.number(slot)
                    .number(kind)
                    .difference(subvolume, before.subvolume)
                    .difference(inode, before.inode)
                    .number(size)
                    .number(known)
                    .bytes(Arrays.copyOfRange(path, known, path.length));
            if (isCopy()) {
                group.difference(original, before.original).number(same);
                place = before.place;
                return this;
            }
            original = before.original;
            group.number(runs);
            if (runs > 0) {
                group.number(leftOut).number(count).difference(place, before.place);
            } else {
                place = before.place;
            }
            group.bytes(rest);
            return this;
        }

        static FileFields readAfter(FileFields before, RecordReader group) {
            var fields = after(before);
            fields.slot = (int) group.number();
            fields.kind = group.number();
            fields.subvolume = group.numberAfter(before.subvolume);
            fields.inode = group.numberAfter(before.inode);
            fields.size = group.number();
            int known = (int) group.number();
            byte[] end = group.bytes();
            fields.path = Arrays.copyOf(before.path, known + end.length);
            System.arraycopy(end, 0, fields.path, known, end.length);
            if (fields.isCopy()) {
                fields.original = group.numberAfter(before.original);
                fields.same = group.number();
                return fields;
            }
            fields.runs = group.number();
            if (fields.runs > 0) {
                fields.leftOut = group.number();
                fields.count = group.number();
                fields.place = group.numberAfter(before.place);
            }
            fields.rest = group.bytes();
            return fields;
        }
    }
}
