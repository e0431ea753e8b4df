package samepage.linux.fuse;

import java.io.IOException;

/** Sees to it that requests which take the kernel's doing are answered while others go on being served (U4). */
interface SlowAnswers {
    /** What is to be done for a request, which has been read by then. */
    interface Work {
        void answer(Reply reply) throws IOException;
    }

    /**
     * Has the request at hand answered.
     *
     * @param replyBytes room for the answer
     * @return whether the answer is there; else it will be given later
     */
    boolean answer(int replyBytes, Work work) throws IOException;
}
