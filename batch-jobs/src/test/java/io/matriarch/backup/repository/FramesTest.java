package io.matriarch.backup.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 1_000_000})
    void whatWasSentIsReceived(int bytes) throws IOException {
        var content = content(bytes);

        try (var in = Frames.receive(new ByteArrayInputStream(sent(content)))) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void noCutIsTakenForTheEnd() throws IOException {
        var whole = sent(content(70_000));

        for (int length : new int[] {0, 3, 4, 5, 65_540, 65_541, whole.length - 4, whole.length - 1}) {
            var cut = Frames.receive(new ByteArrayInputStream(Arrays.copyOf(whole, length)));
            assertThatThrownBy(cut::readAllBytes).as("%d bytes", length).isInstanceOf(EOFException.class);
        }
    }

    private static byte[] content(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return content;
    }

    private static byte[] sent(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        Frames.send(new ByteArrayInputStream(content), out);
        return out.toByteArray();
    }
}
