package dev.weir.control.chain;

import dev.weir.control.chain.NodeException.Reason;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a node's error means for a request for logs. JSON-RPC has no code of its own for "too many blocks" and none for "too
 * many requests": -32005 is used for both, and -32602, -32000 and others as well. So the words decide, those of a rate limit
 * first: they, too, speak of limits that were exceeded.
 */
final class NodeWords {
    private static final Pattern RATE =
            Pattern.compile("rate.?limit|request rate|too many (?:concurrent )?(?:requests|connections|calls)"
                    + "|requests? (?:count|limit|quota)|(?:requests|calls|credits|units) (?:per|/)|per.?second|throughput|compute units|quota"
                    + "|credits|throttl|capacity exceeded|overload|try again later|over(?:all)? capacity");

    private static final Pattern TOO_MUCH = Pattern.compile("\\brange"
            + "|(?:more|greater|larger) than [\\d,._]+"
            + "|(?:limited|up) to (?:a |an )?[\\d,._]+"
            + "|too (?:many|much|large|big|wide|long)\\b"
            + "|(?:response|result|answer|payload|body|logs?)s? (?:size|is too|are too|exceed|limit)"
            + "|exceed\\w* (?:the )?(?:max|limit of|block|allowed|size)"
            + "|max(?:imum)?\\b.*\\b(?:blocks?|results?|logs?|size|limit)"
            + "|(?:query|request|execution) (?:timeout|timed out)"
            + "|(?:reduce|narrow|smaller|fewer).*\\b(?:blocks?|query|size)");

    private NodeWords() {}

    static Reason reason(@Nullable String message) {
        String text = String.valueOf(message).toLowerCase(Locale.ROOT);
        if (RATE.matcher(text).find()) {
            return Reason.OTHER;
        }
        return TOO_MUCH.matcher(text).find() ? Reason.TOO_MUCH : Reason.UNCLEAR;
    }
}
