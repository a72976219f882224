package dev.weir.control.model;

/**
 * The number of a released decision, {@code term.sequence}. A term is one leadership; a higher epoch wins.
 *
 * @param term from 1, grows with each start of a leader
 * @param sequence from 1 within a term
 */
public record Epoch(long term, long sequence) implements Comparable<Epoch> {
    public static Epoch parse(String text) {
        int dot = text.indexOf('.');
        try {
            if (dot > 0) {
                Epoch epoch =
                        new Epoch(Long.parseLong(text.substring(0, dot)), Long.parseLong(text.substring(dot + 1)));
                if (epoch.term >= 0 && epoch.sequence >= 0) {
                    return epoch;
                }
            }
        } catch (NumberFormatException e) {
            // said below, with what was expected
        }
        throw new IllegalArgumentException("epoch: \"" + text + "\" (expected: TERM.SEQUENCE, for instance 3.17)");
    }

    public Epoch next() {
        return new Epoch(term, sequence + 1);
    }

    @Override
    public int compareTo(Epoch other) {
        return term != other.term ? Long.compare(term, other.term) : Long.compare(sequence, other.sequence);
    }

    @Override
    public String toString() {
        return term + "." + sequence;
    }
}
