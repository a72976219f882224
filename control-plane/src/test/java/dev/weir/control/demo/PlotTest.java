package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class PlotTest {
    @Test
    void draws_both_curves_within_the_frame_and_breaks_where_nothing_was_answered() throws Exception {
        Document svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(Plot.svg(
                                Story.DEFAULT,
                                List.of(
                                        new WaitCurve("wrr", List.of(5.0, 6000.0, Double.NaN, 20.0)),
                                        new WaitCurve("water-filling", List.of(0.0, 40.0, 12.0, 1.0))))
                        .getBytes(StandardCharsets.UTF_8)));
        NodeList paths = svg.getElementsByTagName("path");
        List<String> curves = java.util.stream.IntStream.range(0, paths.getLength())
                .mapToObj(i -> (Element) paths.item(i))
                .filter(path -> path.getAttribute("fill").equals("none"))
                .map(path -> path.getAttribute("d"))
                .toList();
        assertThat(curves).hasSize(2);
        assertThat(curves.get(0).chars().filter(c -> c == 'M').count()).isEqualTo(2);
        assertThat(curves.get(1).chars().filter(c -> c == 'M').count()).isEqualTo(1);
        for (String curve : curves) {
            for (String point : curve.substring(1).split("[ML]", -1)) {
                String[] xy = point.split(" ", -1);
                assertThat(Double.parseDouble(xy[0])).isBetween(70.0, 740.0);
                assertThat(Double.parseDouble(xy[1])).isBetween(50.0, 330.0);
            }
        }
        assertThat(svg.getDocumentElement().getTextContent())
                .contains("wrr")
                .contains("water-filling")
                .contains("10 s")
                .contains("largest provider at 30 %");
    }
}
