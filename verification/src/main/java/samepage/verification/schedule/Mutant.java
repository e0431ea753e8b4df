package samepage.verification.schedule;

import java.util.List;

/**
 * A protection taken out: edits of core's bytecode, made while it is loaded.
 *
 * @param name what is taken out
 * @param step of the protocol, as the documents name it
 * @param races by number
 */
record Mutant(String name, String step, String races, boolean lockOrderIsChecked, List<Edit> edits) {
    static final Mutant NONE = new Mutant("nothing", "", "", true, List.of());

    Mutant(String name, String step, String races, Edit... edits) {
        this(name, step, races, true, List.of(edits));
    }

    /** The same where the lock order's own check does not tell. */
    Mutant withoutLockOrderCheck() {
        return new Mutant(name + ", lock order unchecked", step, races, false, edits);
    }

    /**
     * A call that is not made as it is written.
     *
     * @param type internal name of the class below {@code samepage}, such as {@code remap/Remap}
     * @param method in which the call stands
     * @param calledType last part of the called class's name
     * @param called the called method
     * @param nth which of the calls that match, from 0; -1 for all
     */
    record Edit(String type, String method, String calledType, String called, int nth, Change change) {}

    /** What becomes of a call. */
    sealed interface Change {
        /** Not made; gives 0, false or null where it has a result. */
        record LeftOut() implements Change {}

        /** Not made; gives this. */
        record Answered(int value) implements Change {}

        /** Another method of the same class is called, with the same arguments. */
        record Instead(String method) implements Change {}

        /** Made, and then a method without parameters or result on what it gives, unless that is null. */
        record Followed(String method) implements Change {}
    }

    static Edit leaveOut(String type, String method, String calledType, String called) {
        return new Edit(type, method, calledType, called, -1, new Change.LeftOut());
    }

    static Edit leaveOut(String type, String method, String calledType, String called, int nth) {
        return new Edit(type, method, calledType, called, nth, new Change.LeftOut());
    }

    static Edit answer(String type, String method, String calledType, String called, int value) {
        return new Edit(type, method, calledType, called, -1, new Change.Answered(value));
    }

    /** The nth comparison of two references in the method finds them different. */
    static Edit neverSame(String type, String method, int nth) {
        return new Edit(type, method, "", "==", nth, new Change.Answered(0));
    }

    static Edit callInstead(String type, String method, String calledType, String called, int nth, String instead) {
        return new Edit(type, method, calledType, called, nth, new Change.Instead(instead));
    }

    static Edit follow(String type, String method, String calledType, String called, String then) {
        return new Edit(type, method, calledType, called, -1, new Change.Followed(then));
    }

    @Override
    public String toString() {
        return name;
    }
}
