package dev.weir.control.config;

import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Retries;
import dev.weir.control.model.Retries.Condition;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads {@code ProviderPool.spec.retryOn}: a list of words and statuses; an empty one = nothing is tried again. */
final class RetryOnReader {
    private static final int MAX = 50;
    private static final Pattern STATUS = Pattern.compile("[345][0-9][0-9]");
    private static final String EXPECTED =
            "connect-failure, refused-stream, reset-before-request, reset, or a status from 300 to 599";

    private RetryOnReader() {}

    static Retries read(Fields spec, int most, Match match) {
        if (!spec.has("retryOn")) {
            return Retries.of(most, match);
        }
        Set<Condition> conditions = EnumSet.noneOf(Condition.class);
        Set<Integer> statuses = new TreeSet<>();
        List<String> words = spec.words("retryOn", 0, MAX);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            Optional<Condition> condition = Condition.of(word);
            boolean status = STATUS.matcher(word).matches();
            boolean first =
                    condition.map(conditions::add).orElseGet(() -> status && statuses.add(Integer.valueOf(word)));
            if (!first) {
                boolean known = status || condition.isPresent();
                spec.refuse("retryOn[" + i + "]", Optional.of(word), known ? "each once" : EXPECTED);
            }
        }
        return new Retries(most, conditions, statuses);
    }
}
