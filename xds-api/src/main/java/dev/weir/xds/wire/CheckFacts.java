package dev.weir.xds.wire;

import java.util.Map;

/**
 * What a check that lets a request pass says for the records. Envoy puts it into dynamic metadata {@value #NAMESPACE} under
 * these names.
 *
 * @param reservation name of the grant
 * @param epoch that was picked by
 * @param price of the picked provider, billionths of the payment unit per unit of work; -1 = unknown
 * @param heldMicros how long the request waited for room
 * @param pick in words, why this provider
 */
public record CheckFacts(String reservation, String epoch, long price, long heldMicros, String pick) {
    /** Where Envoy puts what a check answers. */
    public static final String NAMESPACE = "envoy.filters.http.ext_authz";

    public static final String RESERVATION = "reservation";
    public static final String EPOCH = "epoch";
    public static final String PRICE = "price";
    public static final String HELD_MICROS = "held_us";
    public static final String PICK = "pick";

    /** Noted beside them by Envoy itself: how long the check took, milliseconds. */
    public static final String DURATION_MILLIS = "ext_authz_duration";

    public Map<String, Object> asMap() {
        return Map.of(RESERVATION, reservation, EPOCH, epoch, PRICE, price, HELD_MICROS, heldMicros, PICK, pick);
    }
}
