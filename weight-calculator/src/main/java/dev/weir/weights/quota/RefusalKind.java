package dev.weir.weights.quota;

/** Why a provider refused, as far as its limits go. */
public enum RefusalKind {
    /** Too much in too short a time; it takes more in seconds to minutes. */
    RATE,
    /** Out of credit, or of a quota of hours to months. */
    QUOTA,
    /** This request is larger than the limit; others are served. */
    REQUEST,
    /** The provider has too much to do, whoever asks. */
    OVERLOADED
}
