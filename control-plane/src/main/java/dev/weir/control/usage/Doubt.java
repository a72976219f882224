package dev.weir.control.usage;

import java.util.Locale;

/** What of a record can't be: it is stored, nothing is owed by it, and nothing is learnt from it. */
public enum Doubt {
    /** more than a request of so many bytes, or of this pool, can hold */
    PROMPT_TOKENS("the provider counts more prompt tokens than such a request can have"),
    /** more than an answer of so many bytes and so much time, or of this pool, can hold */
    COMPLETION_TOKENS("the provider counts more completion tokens than such an answer can have"),
    /** more than both together can be */
    TOTAL_TOKENS("the provider counts more tokens in all than such a call can have"),
    /** no decision of this number was published */
    EPOCH("no such decision was published, or none that is still known"),
    /** the decision has no such pool */
    POOL("its decision has no such pool"),
    /** the pool has no such provider there */
    PROVIDER("its decision has no such provider in the pool"),
    /** the provider cost something else there */
    PRICE("its decision has another price there");

    private final String words;

    Doubt(String words) {
        this.words = words;
    }

    /** Its word, as stored and shown. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the record was made up: then nothing of the record counts for anything. */
    public boolean forged() {
        return this == EPOCH || this == POOL || this == PROVIDER || this == PRICE;
    }

    /** Its words for people. */
    public String words() {
        return words;
    }
}
