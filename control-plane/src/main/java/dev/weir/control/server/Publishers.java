package dev.weir.control.server;

import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All publishers, one after the other. One that throws is a defect: it is logged and counted, and those behind it go on. */
public final class Publishers implements Publisher {
    private static final Logger log = LoggerFactory.getLogger(Publishers.class);

    private final List<Publisher> all;
    private volatile long failures;

    public Publishers(List<Publisher> all) {
        this.all = List.copyOf(all);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void publish(Image image, boolean released) {
        for (Publisher publisher : all) {
            try {
                publisher.publish(image, released);
            } catch (RuntimeException e) {
                failures++;
                log.error("{} failed; the others go on", publisher.getClass().getSimpleName(), e);
            }
        }
    }

    /** Publications that threw, since the start. */
    public long failures() {
        return failures;
    }
}
