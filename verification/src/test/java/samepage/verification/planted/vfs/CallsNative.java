package samepage.verification.planted.vfs;

import java.lang.foreign.Linker;
import org.rocksdb.RocksDB;

final class CallsNative {
    private CallsNative() {}

    static Linker linker() {
        return Linker.nativeLinker();
    }

    @SuppressWarnings("restricted")
    static void library() {
        System.loadLibrary("none");
    }

    static native void method();

    static Class<?> store() {
        return RocksDB.class;
    }
}
