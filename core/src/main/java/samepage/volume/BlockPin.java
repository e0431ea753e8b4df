package samepage.volume;

/** Holds back the reuse of freed blocks until it is closed, from any thread (V6). */
public interface BlockPin extends AutoCloseable {
    @Override
    void close();
}
