package dev.weir.control.collect;

import com.google.protobuf.ByteString;
import dev.weir.v1.CollectRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one file to its end. One request is under way at a time: first where storage ends, then chunk after chunk from
 * there. What storage says is believed in either direction, so after any failure, here or there, the next chunk starts
 * where storage ends.
 *
 * <p>A file that lost bytes (someone truncated it) gets a new name and is delivered again from its start: records that
 * storage has already are stored once.
 */
final class Tail {
    /** Largest chunk, and longest line. A longer line is no record; it is delivered in pieces that storage will reject. */
    static final int CHUNK = 256 * 1024;

    private static final Logger log = LoggerFactory.getLogger(Tail.class);

    /** What an answer of storage meant. */
    enum Answer {
        /** it has what was under way */
        STORED,
        /** it says where to go on */
        GO_ON,
        /** it has nothing of what was under way, for no reason given */
        REFUSED
    }

    private final String sidecar;
    private final LogFile file;
    private final Delivered delivered;
    private @Nullable String name;
    private int generation;
    private int restarts;
    private long position = -1;
    /** Bytes under way, 0 = a question is, -1 = nothing is. */
    private int underWay = -1;

    private int linesUnderWay;
    /** Offset at which a line too long was cut, -1 = none. */
    private long cutAt = -1;

    private boolean closing;
    private boolean finished;

    Tail(String sidecar, LogFile file, Delivered delivered) {
        this.sidecar = sidecar;
        this.file = file;
        this.delivered = delivered;
    }

    LogFile file() {
        return file;
    }

    /** Name of the file towards the control plane; null while its first line is not whole. */
    @Nullable
    String fileId() {
        return name == null || generation == 0 ? name : name + "." + generation;
    }

    /** How often the file was found to hold less than, or other than, what was delivered. */
    int restarts() {
        return restarts;
    }

    /** What to send now, if anything. {@code buffer} holds {@link #CHUNK} + 1 bytes and is free again afterwards. */
    Optional<CollectRequest> next(ByteBuffer buffer) throws IOException {
        if (underWay >= 0 || finished) {
            return Optional.empty();
        }
        long size = file.size();
        if (size < position) {
            startAgain("was truncated to " + size + " bytes by someone, " + position + " were delivered");
        }
        if (name == null) {
            Optional<String> found = file.fingerprint();
            if (found.isEmpty()) {
                return Optional.empty();
            }
            name = found.get();
        }
        if (position < 0) {
            underWay = 0;
            return Optional.of(request(0, ByteString.EMPTY));
        }
        return size > position ? chunk(buffer) : Optional.empty();
    }

    /** Takes storage's answer to what is under way. */
    Answer answered(long offset) throws IOException {
        int bytes = underWay;
        underWay = -1;
        if (bytes > 0 && offset == position) {
            return Answer.REFUSED;
        }
        boolean stored = bytes > 0 && offset == position + bytes;
        if (stored) {
            delivered.add(linesUnderWay, bytes);
            finished = closing;
        }
        if (offset > file.size() && !finished) {
            startAgain("has " + file.size() + " bytes, " + offset + " were delivered");
        } else {
            position = offset;
        }
        return stored ? Answer.STORED : Answer.GO_ON;
    }

    /** Takes note that the stream broke: what was under way may or may not be stored. */
    void disconnected() {
        underWay = -1;
        position = -1;
        closing = false;
    }

    /** Whether storage has every byte of it. */
    boolean finished() throws IOException {
        return finished || (underWay < 0 && position >= 0 && position == file.size());
    }

    /** Whether storage has every whole line of it; an unfinished last line may be left. */
    boolean drained() throws IOException {
        return underWay < 0
                && (position >= 0
                        ? position >= lastLineEnd()
                        : file.fingerprint().isEmpty());
    }

    /** Bytes that storage is not known to have. */
    long behind() throws IOException {
        return Math.max(0, file.size() - Math.max(0, position));
    }

    /**
     * Delivers the unfinished last line of a file that will not grow any more as if it were whole, so that storage judges
     * it: what is a record is not lost, what is none is counted.
     */
    Optional<CollectRequest> rest(ByteBuffer buffer) throws IOException {
        long size = file.size();
        if (underWay >= 0 || position < 0 || position >= size || size - position >= CHUNK) {
            return Optional.empty();
        }
        buffer.clear();
        file.read(buffer, position);
        byte[] line = new byte[buffer.limit() + 1];
        buffer.get(line, 0, buffer.limit());
        line[line.length - 1] = '\n';
        closing = true;
        underWay = line.length;
        linesUnderWay = 1;
        return Optional.of(request(position, ByteString.copyFrom(line)));
    }

    private Optional<CollectRequest> chunk(ByteBuffer buffer) throws IOException {
        if (position == 0 && !file.fingerprint().equals(Optional.ofNullable(name))) {
            // storage would find out, and refuse it
            startAgain("begins otherwise than before");
            return Optional.empty();
        }
        // one byte before the position is read too: if it ends no line, the file is not the one it was
        int before = position > 0 ? 1 : 0;
        buffer.clear().limit(CHUNK + before);
        file.read(buffer, position - before);
        if (before == 1 && position != cutAt && (!buffer.hasRemaining() || buffer.get(0) != '\n')) {
            startAgain("changed before offset " + position);
            return Optional.empty();
        }
        int end = buffer.limit();
        while (end > before && buffer.get(end - 1) != '\n') {
            end--;
        }
        if (end == before) {
            if (buffer.limit() < CHUNK + before) {
                return Optional.empty(); // a line in the making
            }
            end = buffer.limit();
            cutAt = position + CHUNK;
            buffer.put(end - 1, (byte) '\n');
            log.warn("{}: no newline within {} bytes after offset {}", file.path(), CHUNK, position);
        }
        underWay = end - before;
        linesUnderWay = 0;
        for (int i = before; i < end; i++) {
            if (buffer.get(i) == '\n') {
                linesUnderWay++;
            }
        }
        buffer.position(before).limit(end);
        return Optional.of(request(position, ByteString.copyFrom(buffer)));
    }

    private CollectRequest request(long offset, ByteString lines) throws IOException {
        return CollectRequest.newBuilder()
                .setSidecar(sidecar)
                .setFileId(String.valueOf(fileId()))
                .setOffset(offset)
                .setLines(lines)
                .setFileSize(file.size())
                .build();
    }

    private void startAgain(String what) throws IOException {
        log.warn("{}: the file {}; it is delivered again from its start under a new name", file.path(), what);
        restarts++;
        Optional<String> now = file.fingerprint();
        generation = now.isEmpty() || now.get().equals(name) ? generation + 1 : 0;
        name = now.orElse(null);
        position = -1;
    }

    private long lastLineEnd() throws IOException {
        long size = file.size();
        ByteBuffer end = ByteBuffer.allocate((int) Math.min(size, CHUNK));
        file.read(end, size - end.capacity());
        int i = end.limit();
        while (i > 0 && end.get(i - 1) != '\n') {
            i--;
        }
        return i == 0 ? 0 : size - end.limit() + i;
    }
}
