package samepage.verification.schedule;

/**
 * A run that went wrong.
 *
 * @param schedule what replays it
 * @param why what was found
 */
record Finding(Program program, String schedule, String why, String history) {
    @Override
    public String toString() {
        return why + "\nin " + program + "\nschedule " + schedule + "\n" + history;
    }
}
