package dev.weir.control.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.CollectRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked and sent of one file, without a network. */
final class TailIT {
    @TempDir
    Path folder;

    private final Delivered delivered = new Delivered();
    private final ByteBuffer buffer = ByteBuffer.allocate(Tail.CHUNK + 1);
    private Path path;

    @BeforeEach
    void path() {
        path = folder.resolve("access.log");
    }

    private Tail tail() throws IOException {
        return new Tail("s", LogFile.open(path).orElseThrow(), delivered);
    }

    private CollectRequest sent(Tail tail) throws IOException {
        return tail.next(buffer).orElseThrow();
    }

    /** Asks, and goes on at {@code offset}. */
    private Tail tailFrom(long offset) throws IOException {
        Tail tail = tail();
        assertThat(sent(tail).getLines()).isEmpty();
        assertThat(tail.answered(offset)).isEqualTo(Tail.Answer.GO_ON);
        return tail;
    }

    @Test
    void it_asks_first_and_then_sends_whole_lines_one_chunk_at_a_time() throws Exception {
        LogLines.append(path, "one\ntwo\nthr");
        Tail tail = tail();
        CollectRequest question = sent(tail);
        assertThat(question.getLines()).isEmpty();
        assertThat(question.getSidecar()).isEqualTo("s");
        assertThat(question.getFileId()).matches("[0-9]+-[0-9a-f]{32}");
        assertThat(tail.next(buffer)).isEmpty();
        tail.answered(0);
        CollectRequest chunk = sent(tail);
        assertThat(chunk.getLines().toStringUtf8()).isEqualTo("one\ntwo\n");
        assertThat(chunk.getFileId()).isEqualTo(question.getFileId());
        LogLines.append(path, "ee\n");
        assertThat(tail.next(buffer)).isEmpty();
        assertThat(tail.answered(8)).isEqualTo(Tail.Answer.STORED);
        CollectRequest rest = sent(tail);
        assertThat(rest.getOffset()).isEqualTo(8);
        assertThat(rest.getLines().toStringUtf8()).isEqualTo("three\n");
        tail.answered(14);
        assertThat(tail.finished()).isTrue();
        assertThat(tail.next(buffer)).isEmpty();
        assertThat(delivered.lines()).isEqualTo(3);
        assertThat(delivered.bytes()).isEqualTo(14);
    }

    @Test
    void a_torn_line_waits_for_its_end() throws Exception {
        LogLines.append(path, "one\ntw");
        Tail tail = tailFrom(4);
        assertThat(tail.next(buffer)).isEmpty();
        assertThat(tail.drained()).isTrue();
        assertThat(tail.finished()).isFalse();
        LogLines.append(path, "o\n");
        assertThat(tail.drained()).isFalse();
        assertThat(sent(tail).getLines().toStringUtf8()).isEqualTo("two\n");
    }

    @Test
    void a_file_without_a_whole_line_has_no_name_yet() throws Exception {
        LogLines.append(path, "");
        Tail tail = tail();
        assertThat(tail.next(buffer)).isEmpty();
        LogLines.append(path, "one");
        assertThat(tail.next(buffer)).isEmpty();
        assertThat(tail.drained()).isTrue();
        LogLines.append(path, "\n");
        assertThat(tail.next(buffer)).isPresent();
    }

    @Test
    void the_name_survives_a_rename_and_growth_and_belongs_to_no_other_file() throws Exception {
        LogLines.append(path, "one\n");
        String name = sent(tail()).getFileId();
        LogLines.append(path, "two\n");
        Path renamed = Files.move(path, folder.resolve("renamed"));
        Tail again = new Tail("s", LogFile.open(renamed).orElseThrow(), delivered);
        assertThat(sent(again).getFileId()).isEqualTo(name);
        LogLines.append(path, "one\n"); // same content, another inode
        assertThat(sent(tail()).getFileId()).isNotEqualTo(name);
        // same inode (as when it is used again), other content
        try (FileChannel channel = FileChannel.open(renamed, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
        LogLines.append(renamed, "three\n");
        assertThat(sent(new Tail("s", LogFile.open(renamed).orElseThrow(), delivered))
                        .getFileId())
                .isNotEqualTo(name);
    }

    @Test
    void after_a_broken_stream_it_asks_again() throws Exception {
        LogLines.append(path, "one\ntwo\n");
        Tail tail = tailFrom(0);
        assertThat(sent(tail).getLines().size()).isEqualTo(8);
        tail.disconnected();
        assertThat(sent(tail).getLines()).isEmpty();
        tail.answered(4); // half of it was stored
        assertThat(sent(tail).getLines().toStringUtf8()).isEqualTo("two\n");
    }

    @Test
    void storage_that_lost_something_gets_it_again() throws Exception {
        LogLines.append(path, "one\ntwo\n");
        Tail tail = tailFrom(8);
        LogLines.append(path, "three\n");
        assertThat(sent(tail).getOffset()).isEqualTo(8);
        assertThat(tail.answered(4)).isEqualTo(Tail.Answer.GO_ON);
        assertThat(sent(tail).getLines().toStringUtf8()).isEqualTo("two\nthree\n");
    }

    @Test
    void a_chunk_that_storage_does_not_take_is_no_endless_loop() throws Exception {
        LogLines.append(path, "one\n");
        Tail tail = tailFrom(0);
        sent(tail);
        assertThat(tail.answered(0)).isEqualTo(Tail.Answer.REFUSED);
    }

    @Test
    void a_truncated_file_is_delivered_again_under_a_new_name() throws Exception {
        LogLines.append(path, "one\ntwo\nthree\n");
        Tail tail = tailFrom(14);
        String name = tail.fileId();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(8); // its first line is still there
        }
        CollectRequest question = sent(tail);
        assertThat(question.getLines()).isEmpty();
        assertThat(question.getFileId()).isEqualTo(name + ".1");
        tail.answered(0);
        assertThat(sent(tail).getLines().toStringUtf8()).isEqualTo("one\ntwo\n");
    }

    @Test
    void a_file_that_was_truncated_while_nobody_looked_is_found_out() throws Exception {
        LogLines.append(path, "one\ntwo\n");
        Tail tail = tail();
        String name = sent(tail).getFileId();
        tail.answered(100); // storage has more than there is
        assertThat(sent(tail).getFileId()).isEqualTo(name + ".1");
        tail.answered(100);
        assertThat(sent(tail).getFileId()).isEqualTo(name + ".2");
        tail.answered(5); // in the middle of a line
        assertThat(tail.next(buffer)).isEmpty();
        assertThat(sent(tail).getFileId()).isEqualTo(name + ".3");
    }

    @Test
    void a_file_that_begins_otherwise_than_when_it_was_named_gets_another_name() throws Exception {
        LogLines.append(path, "one\n");
        Tail tail = tail();
        String name = sent(tail).getFileId();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
        LogLines.append(path, "four\n");
        tail.answered(0);
        assertThat(tail.next(buffer)).isEmpty();
        CollectRequest question = sent(tail);
        assertThat(question.getFileId()).isNotEqualTo(name);
        assertThat(question.getLines()).isEmpty();
        tail.answered(0);
        assertThat(sent(tail).getLines().toStringUtf8()).isEqualTo("four\n");
    }

    @Test
    void an_emptied_file_that_starts_anew_is_a_new_file() throws Exception {
        LogLines.append(path, "one\ntwo\n");
        Tail tail = tailFrom(8);
        String name = tail.fileId();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
        assertThat(tail.next(buffer)).isEmpty();
        LogLines.append(path, "four\n");
        assertThat(sent(tail).getFileId()).doesNotStartWith(String.valueOf(name));
        tail.answered(0);
        assertThat(sent(tail).getLines().toStringUtf8()).isEqualTo("four\n");
    }

    @Test
    void a_line_without_end_goes_in_pieces_that_are_lines_and_what_follows_is_whole() throws Exception {
        LogLines.append(path, "one\n" + "x".repeat(2 * Tail.CHUNK + 10) + "\ntwo\n");
        Tail tail = tailFrom(4);
        for (int i = 0; i < 2; i++) {
            CollectRequest piece = sent(tail);
            assertThat(piece.getLines().size()).isEqualTo(Tail.CHUNK);
            assertThat(piece.getLines().byteAt(Tail.CHUNK - 1)).isEqualTo((byte) '\n');
            assertThat(tail.answered(piece.getOffset() + Tail.CHUNK)).isEqualTo(Tail.Answer.STORED);
            // the byte before the next piece is none that ends a line
            if (i == 0) {
                assertThat(tail.fileId()).doesNotContain(".");
            }
        }
        assertThat(sent(tail).getLines().toStringUtf8()).endsWith("x\ntwo\n");
    }

    @Test
    void the_rest_of_a_file_that_grows_no_more_is_delivered_as_a_line() throws Exception {
        LogLines.append(path, "one\ntwo");
        Tail tail = tailFrom(4);
        Optional<CollectRequest> rest = tail.rest(buffer);
        assertThat(rest.orElseThrow().getLines().toStringUtf8()).isEqualTo("two\n");
        assertThat(tail.rest(buffer)).isEmpty();
        assertThat(tail.answered(8)).isEqualTo(Tail.Answer.STORED);
        assertThat(tail.finished()).isTrue();
        assertThat(tail.rest(buffer)).isEmpty();
        assertThat(tail.next(buffer)).isEmpty();
    }
}
