package samepage.verification.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import samepage.remap.RemapRequest;

/**
 * The races that dedupe must win, by number, each in many interleavings: those in which a thread that could go on is made to
 * wait once, some of them by turns, and those of some seeds. {@link MutantTest} shows that they see what they are there for.
 */
class RaceTest {
    private static final Exploration EXPLORATION = new Exploration(Mutant.NONE);
    private static final long SEEDS = 60;
    private static final int STRIDE = 7;

    private static void survives(List<Program> programs) {
        for (Program program : programs) {
            assertThat(EXPLORATION.seeds(program, 0, SEEDS)).isNull();
            assertThat(EXPLORATION.allOfOneSwitch(program, STRIDE)).isNull();
        }
    }

    @Test
    void race01_pagesWantedInTwoOrders_noDeadlock() {
        survives(Races.pagesInTwoOrders());
    }

    @Test
    void race02_dedupesBothWays_noDeadlock() {
        survives(Races.bothWays());
    }

    @Test
    void race03_bothRangesInOnePage_lockedOnce() {
        survives(Races.twoRangesOfOnePage());
    }

    @Test
    void race04_bothRangesInOneFolio_lockedOnce() {
        survives(Races.twoRangesOfOneFolio());
    }

    @Test
    void race05_pageInvalidatedAndRewritten_orphanIsNotBelieved() {
        survives(Races.pageInvalidated());
    }

    @Test
    void race06_directWriteBetweenCompareAndShare_bothFilesKeepTheirBytes() {
        survives(Races.directWriteWhileComparing());
    }

    @Test
    void race07_storeThroughWritableWindow_survives() {
        survives(Races.storeThroughOpenWindow());
    }

    @Test
    void race08_writeFaultBetweenCompareAndShare_storeSurvives() {
        survives(Races.writeFaultWhileComparing());
    }

    @Test
    void race09_pageDirtiedBeforeTheLocks_newBytesCount() {
        survives(Races.dirtiedBeforeTheLock());
    }

    @Test
    void race10_layoutHolderWrites_oneFileChanges() {
        survives(Races.layoutWritten());
    }

    @Test
    void race11_holderNeedsTheLockToReturn_noDeadlock() {
        survives(Races.recallWaits());
    }

    @Test
    void race12_layoutWantedBetweenRecallAndLock_waits() {
        survives(Races.layoutGrantedAnew());
    }

    @Test
    void race13_dirtyPagesCompared_theirBlocksAreShared() {
        survives(Races.dirtyPagesCompared());
    }

    @Test
    void race14_asynchronousWriteCompletesLate_isSeen() {
        survives(Races.asynchronousWriteCompletes());
    }

    @Test
    void race15_contentMovedOrCut_nothingWrongIsShared() {
        survives(Races.contentMoved());
    }

    @Test
    void race16_tailAgainstMiddle_restOfTheBlockStays() {
        survives(Races.tailAgainstMiddle());
    }

    @Test
    void race17_sharedTailExtended_zeros() {
        survives(Races.sharedTailExtended());
    }

    @Test
    void race18_tailClonedIntoMiddle_refusedOrAtTheEnd() {
        survives(Races.tailIntoMiddle());
    }

    @Test
    void race19_sourceWrittenDuringShare_targetKeepsItsBytes() {
        survives(Races.writesDuringShare());
    }

    @Test
    void race20_sharedBlockOverwritten_otherFileKeepsIt() {
        survives(Races.overwriteOfShared());
    }

    @Test
    void race21_sourceUnlinkedDuringShare_blocksLive() {
        survives(Races.sourceUnlinked());
    }

    @Test
    void race22_twoDedupesOfOneSource_referencesCounted() {
        survives(Races.twoFromOne());
    }

    @Test
    void race23_sourceChangesBetweenTargets_eachJudgedAfresh() {
        survives(Races.severalTargets());
    }

    @Test
    void race24_powerCutDuringShare_bytesStay() {
        survives(Races.powerCut());
    }

    /** There is no freeze yet: that nobody waits for a wait, readers and committers, is what can be seen of it. */
    @Test
    void race25_dedupeWaits_readersGoOn() {
        survives(Races.readersWhileWaiting());
    }

    @Test
    void race26_callerChangesItsRequest_cannot() {
        assertThat(RemapRequest.class).isRecord();
    }

    @Test
    void race27_nothingToShare_neverSameOfNothing() {
        survives(Races.nothingToShare());
    }

    @Test
    void race28_readsDuringShare_seeTheirBytes() {
        survives(Races.reads());
    }

    @Test
    void race29_storesAgainAndAgain_eachSurvives() {
        survives(Races.storesAgainAndAgain());
    }

    @Test
    void race30_writtenBackBetweenCompareAndLock_isComparedAgain() {
        survives(Races.writtenBackBetweenCompareAndLock());
    }

    @Test
    void race31_comparedBlocksFreedAndWanted_notReused() {
        survives(Races.comparedBlocksReused());
    }

    @Test
    void race32_writerNeverPauses_dedupeEnds() {
        survives(Races.restlessWriter());
    }

    // Race 33, dirty pages in the kernel above a FUSE mount, is the mount's, and is tested with it.

    @Test
    void race34_dedupeRenameAndWriteback_noDeadlock() {
        survives(Races.threeLockers());
    }
}
