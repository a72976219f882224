package dev.weir.control.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Rows as a gzip file of JSON lines, one object per row, columns by name. There whole, on the disk, or not at all. */
final class ExportFile {
    private static final JsonFactory JSON = new JsonFactory();

    private final Path file;
    private final Path part;

    ExportFile(Path file) {
        this.file = file;
        this.part = file.resolveSibling(file.getFileName() + ".part");
    }

    /** Takes the rows. */
    interface Rows {
        void add(Map<String, @Nullable Object> row) throws IOException;
    }

    /** Brings the rows. */
    interface Body<T> {
        T write(Rows rows) throws IOException;
    }

    /** Writes what {@code body} brings under a temporary name, and returns what it returns. */
    <T> T write(Body<T> body) throws IOException {
        Files.createDirectories(folder());
        try (FileChannel channel = FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
                OutputStream out = Channels.newOutputStream(channel);
                GZIPOutputStream packed = new GZIPOutputStream(out, 64 << 10);
                JsonGenerator json = JSON.createGenerator(packed)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.setRootValueSeparator(new SerializedString("\n"));
            T result = body.write(row -> write(json, row));
            json.writeRaw('\n');
            json.flush();
            packed.finish();
            channel.force(true);
            return result;
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(part);
            throw e;
        }
    }

    /** Gives it its name, in place of what has that name. */
    void name() throws IOException {
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(folder(), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path folder() {
        return file.toAbsolutePath().resolveSibling(".").normalize();
    }

    private static void write(JsonGenerator json, Map<String, @Nullable Object> row) throws IOException {
        json.writeStartObject();
        for (Map.Entry<String, @Nullable Object> column : row.entrySet()) {
            json.writeFieldName(column.getKey());
            Object value = column.getValue();
            if (value == null) {
                json.writeNull();
            } else if (value instanceof Number number) {
                json.writeNumber(number.toString());
            } else {
                json.writeString(value.toString());
            }
        }
        json.writeEndObject();
    }
}
