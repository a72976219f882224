package dev.weir.control.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.util.StdConverter;
import dev.weir.weights.Proposal;

/** How every stored form says that a member is only a retry target: by the largest weight that it may have, 1 or all. */
abstract class WeightCap {
    @JsonProperty("weightCap")
    @JsonSerialize(converter = Writer.class)
    @JsonDeserialize(converter = Reader.class)
    abstract boolean retryOnly();

    static final class Writer extends StdConverter<Boolean, Integer> {
        @Override
        public Integer convert(Boolean retryOnly) {
            return retryOnly ? 1 : Proposal.TOTAL_WEIGHT;
        }
    }

    static final class Reader extends StdConverter<Integer, Boolean> {
        @Override
        public Boolean convert(Integer cap) {
            return cap < Proposal.TOTAL_WEIGHT;
        }
    }
}
