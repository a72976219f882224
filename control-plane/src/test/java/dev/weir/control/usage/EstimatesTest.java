package dev.weir.control.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.model.Work;
import dev.weir.control.usage.Estimates.Tokens;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.testing.RecordMaker;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What streams that were cut used, against what they did use: 20 seeds of 1 000 streams each, of which the first 60 are whole. */
final class EstimatesTest {
    private static final Work WORK = new Work.PerToken(1, 2, 100);
    private static final int SEEDS = 20;
    private static final int STREAMS = 1_000;
    private static final int WHOLE = 60;

    /** How a provider counts. */
    private enum Tokenizer {
        BY_WORDS,
        BY_FOUR_LETTERS_OF_A_WORD,
        BY_BYTES;

        /** Tokens of a word of so many letters and the blank behind it. */
        int tokens(int letters) {
            return switch (this) {
                case BY_WORDS -> 1;
                case BY_FOUR_LETTERS_OF_A_WORD -> (letters + 3) / 4;
                case BY_BYTES -> letters + 1;
            };
        }
    }

    /** Some words, as a sidecar sees them and a provider counts them. */
    private record Text(int words, int bytes, int tokens) {
        static Text random(SplittableRandom random, Tokenizer tokenizer, int words) {
            int bytes = 0;
            int tokens = 0;
            for (int i = 0; i < words; i++) {
                int letters = 1 + random.nextInt(7);
                bytes += letters + 1;
                tokens += tokenizer.tokens(letters);
            }
            return new Text(words, bytes, tokens);
        }
    }

    /** A stream, as it is seen and as it is. */
    private record Stream(AccessRecord seen, Usage truth) {
        static Stream random(SplittableRandom random, Tokenizer tokenizer, int wordsOfPiece, boolean cut) {
            Text prompt = Text.random(random, tokenizer, 5 + random.nextInt(200));
            int pieces = 10 + random.nextInt(120);
            int delivered = cut ? 1 + random.nextInt(pieces - 1) : pieces;
            int words = 0;
            for (int i = 0; i < delivered; i++) {
                words += 1 + random.nextInt(wordsOfPiece);
            }
            Text answer = Text.random(random, tokenizer, words);
            Usage truth = new Usage(prompt.tokens, answer.tokens, prompt.tokens + answer.tokens, 0);
            AccessRecord seen = RecordMaker.call("r")
                    .usage(cut ? null : truth)
                    .whole(!cut)
                    .bytes(95 + prompt.bytes, 160 + 150L * delivered + answer.bytes)
                    .words(20 + prompt.words)
                    .content(new Content(delivered, 0, answer.bytes))
                    .make();
            return new Stream(seen, truth);
        }
    }

    private static double work(long prompt, long completion) {
        return (double) prompt + 2.0 * (double) completion;
    }

    /**
     * None is off by a tenth (or a token of the answer) where what is seen tells the tokens: words, bytes or pieces. Where words
     * of chance length stand for it, some short ones must be: the tokens of 20 such words differ by that much.
     */
    @ParameterizedTest
    @CsvSource({
        "BY_WORDS, 1, 0",
        "BY_BYTES, 1, 0",
        "BY_BYTES, 4, 0",
        "BY_BYTES, 30, 0",
        "BY_FOUR_LETTERS_OF_A_WORD, 1, 0.02",
        "BY_FOUR_LETTERS_OF_A_WORD, 4, 0.02",
        "BY_FOUR_LETTERS_OF_A_WORD, 30, 0.02",
        "BY_WORDS, 4, 0.04",
        "BY_WORDS, 30, 0.04"
    })
    void each_is_within_a_tenth_and_the_sum_within_a_fiftieth(Tokenizer tokenizer, int wordsOfPiece, double mayBeOff) {
        int allOff = 0;
        int all = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Estimates estimates = new Estimates();
            double owed = 0;
            double truth = 0;
            int cuts = 0;
            int off = 0;
            for (int i = 0; i < STREAMS; i++) {
                boolean cut = i >= WHOLE && random.nextInt(3) > 0;
                Stream stream = Stream.random(random, tokenizer, wordsOfPiece, cut);
                if (!cut) {
                    estimates.learn(stream.seen, stream.truth);
                    continue;
                }
                Tokens told = estimates.of(stream.seen, WORK);
                double is = work(told.promptTokens(), told.completionTokens());
                double should = work(stream.truth.promptTokens(), stream.truth.completionTokens());
                owed += is;
                truth += should;
                cuts++;
                off += Math.abs(is - should) > Math.max(2, 0.1 * should) ? 1 : 0;
            }
            assertThat(off).as("seed %s, of %s", seed, cuts).isLessThanOrEqualTo((int) (mayBeOff * cuts));
            assertThat(owed / truth).as("seed %s", seed).isCloseTo(1, within(0.02));
            allOff += off;
            all += cuts;
        }
        System.out.printf("%s, %s words a piece: %s of %s off by a tenth%n", tokenizer, wordsOfPiece, allOff, all);
    }
}
