package dev.weir.control.model;

/** Places between two steps that must hold together however the process ends there. Tests make things fail in them. */
@FunctionalInterface
public interface Failpoints {
    /** Failpoints at which nothing happens: what runs outside tests. */
    Failpoints NONE = point -> {};

    /** A place. */
    enum Point {
        /** Records are in the transaction, which is not committed. */
        RECORDS_INSERTED,
        /** Records are stored, nobody was told. */
        RECORDS_COMMITTED,
        /** A decision is released, nothing of it is stored or pushed. */
        DECISION_RELEASED,
        /** A decision is about to be stored, others may have pushed it. */
        DECISION_SAVING,
        /** A decision is stored. */
        DECISION_SAVED,
        /** An announced price is about to be stored. */
        PRICE_SAVING,
        /** An announced price is stored, nobody knows. */
        PRICE_SAVED,
        /** The collector renamed the log, the sidecar writes on into it. */
        LOG_RENAMED,
        /** Storage has all of a renamed log, it is not deleted. */
        LOG_STORED,
        /** An export is whole under its temporary name. */
        EXPORT_WRITTEN,
        /** An export has its name, its rows are not deleted. */
        EXPORT_NAMED,
        /** Rows of an export are deleted in a transaction that is not committed. */
        EXPORT_DELETED
    }

    /** Told that the calling thread is at {@code point}. What is thrown here counts as a failure of the step that follows. */
    void reached(Point point);
}
