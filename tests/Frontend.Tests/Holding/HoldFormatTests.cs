using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Admission.Frontend.Holding;
using Admission.Frontend.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Admission.Frontend.Tests.Holding;

public sealed class HoldFormatTests
{
    private static readonly XNamespace Namespace = XmlProblem.Namespace;

    [Theory]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json, text/plain, */*", "application/json")]
    [InlineData("text/plain, application/json", "application/json")]
    [InlineData("application/vnd.api+json", "application/vnd.api+json")]
    [InlineData("application/problem+json", "application/json")]
    [InlineData("application/*+json", "application/json")]
    [InlineData("application/*+xml", "application/xml; charset=utf-8")]
    [InlineData("text/xml", "text/xml; charset=utf-8")]
    [InlineData("application/xml;q=0.9, application/json;q=0.5", "application/xml; charset=utf-8")]
    [InlineData("text/event-stream", "text/event-stream")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xhtml+xml; charset=utf-8")]
    [InlineData("text/html,application/xml;q=0.9,*/*;q=0.8", null)]
    [InlineData("*/*", null)]
    [InlineData("application/json;q=0", null)]
    [InlineData(";;;", null)]
    [InlineData(null, null)]
    public void Is_what_the_client_prefers(string? accept, string? contentType) =>
        (HoldFormats.For(accept is null ? StringValues.Empty : new StringValues(accept), HoldFormat.None)?.ContentType).ShouldBe(contentType);

    [Theory]
    [InlineData("*/*")]
    [InlineData("text/html,*/*;q=0.8")]
    [InlineData(null)]
    public void Is_the_routes_where_the_client_prefers_none_of_the_three(string? accept) =>
        HoldFormats.For(accept is null ? StringValues.Empty : new StringValues(accept), HoldFormat.Xml).ShouldBe(XmlHeld.Plain);

    [Theory]
    [InlineData(200, "application/json", null, true)]
    [InlineData(201, "application/problem+json; charset=UTF-8", "identity", true)]
    [InlineData(204, "application/json", null, false)]
    [InlineData(206, "application/json", null, false)]
    [InlineData(404, "application/json", null, false)]
    [InlineData(200, "text/html", null, false)]
    [InlineData(200, "application/x-ndjson", null, false)]
    [InlineData(200, "application/json; charset=utf-16", null, false)]
    [InlineData(200, "application/json", "gzip", false)]
    [InlineData(200, null, null, false)]
    public void Takes_as_it_is_only_what_was_promised(int status, string? type, string? encoding, bool fits)
    {
        var headers = new HeaderDictionary { ["Content-Type"] = type, ["Content-Encoding"] = encoding };
        JsonHeld.Plain.Fits(status, headers).ShouldBe(fits);
    }

    [Theory]
    [InlineData("<a/>", "<a/>")]
    [InlineData("\uFEFF<a/>", "<a/>")]
    [InlineData("<?xml version=\"1.0\"?><a/>", "<a/>")]
    [InlineData("\uFEFF<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<!DOCTYPE a><a/>", "\n<!DOCTYPE a><a/>")]
    [InlineData("<?xml-stylesheet href='x'?><a/>", "<?xml-stylesheet href='x'?><a/>")]
    [InlineData("<?xml version=\"1.1\"?><a/>", null)]
    [InlineData("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>", null)]
    [InlineData("<?xml version=\"1.0\"", null)]
    [InlineData("<?xml", null)]
    [InlineData("<?", "<?")]
    [InlineData("", null)]
    public void Leaves_out_an_xml_declaration_and_a_mark_byte_by_byte_as_at_once(string answer, string? rest)
    {
        var bytes = Encoding.UTF8.GetBytes(answer);
        for (var count = 0; count <= bytes.Length; count++)
        {
            var isAll = count == bytes.Length;
            var start = XmlHeld.Plain.Examine(bytes.AsSpan(0, count), isAll, out var skipped);
            if (start == StartOf.Open)
            {
                isAll.ShouldBeFalse("All is there.");
                continue;
            }

            start.ShouldBe(rest is null ? StartOf.Differs : StartOf.Fits, $"after {count} bytes");
            if (rest is not null)
            {
                Encoding.UTF8.GetString(bytes.AsSpan(skipped)).ShouldBe(rest);
                if (rest.EndsWith("<a/>", StringComparison.Ordinal))
                {
                    XDocument.Parse($"{Encoding.UTF8.GetString(XmlHeld.Plain.Begin)}\n\n{rest}").Root!.Name.LocalName.ShouldBe("a");
                }
            }

            return;
        }

        rest.ShouldBeNull("Nothing was decided.");
    }

    [Fact]
    public void Does_not_take_what_is_not_utf8()
    {
        XmlHeld.Plain.Examine(Encoding.Unicode.GetPreamble(), isAll: false, out _).ShouldBe(StartOf.Differs);
        XmlHeld.Plain.Examine(Encoding.BigEndianUnicode.GetBytes("<a/>"), isAll: false, out _).ShouldBe(StartOf.Differs);
        JsonHeld.Plain.Examine(Encoding.UTF32.GetBytes("{}"), isAll: false, out _).ShouldBe(StartOf.Differs);
        JsonHeld.Plain.Examine(Encoding.UTF8.GetPreamble(), isAll: true, out _).ShouldBe(StartOf.Differs, "It is empty.");
        JsonHeld.Plain.Examine("\uFEFF1"u8, isAll: false, out var skipped).ShouldBe(StartOf.Fits);
        skipped.ShouldBe(3);
    }

    [Fact]
    public void Tells_another_answer_with_all_of_it()
    {
        var headers = new HeaderDictionary { ["Content-Type"] = "text/html", ["X-A"] = new StringValues(["1", "2"]) };
        var problem = Text(JsonHeld.Plain, new HeldAnswer("model", 404, headers, "<p>"u8.ToArray()));
        using var json = JsonDocument.Parse(problem);
        json.RootElement.GetProperty("status").GetInt32().ShouldBe(404);
        json.RootElement.GetProperty("reason").GetString().ShouldBe("held-answer");
        json.RootElement.GetProperty("headers").GetProperty("X-A")[1].GetString().ShouldBe("2");
        json.RootElement.GetProperty("body").GetString().ShouldBe("<p>");

        var xml = XDocument.Parse(Encoding.UTF8.GetString(XmlHeld.Plain.Begin) + Text(XmlHeld.Plain, new HeldAnswer("model", 404, headers, new byte[] { 0xFF, 0 })));
        xml.Root!.Name.ShouldBe(Namespace + "problem");
        xml.Root.Element(Namespace + "status")!.Value.ShouldBe("404");
        xml.Root.Element(Namespace + "headers")!.Elements(Namespace + "i").Select(header => header.Value).ShouldContain("X-A2");
        xml.Root.Element(Namespace + "base64")!.Value.ShouldBe("/wA=");
    }

    [Fact]
    public void What_xml_cannot_write_is_written_in_base64()
    {
        var xml = XDocument.Parse(Text(XmlHeld.Plain, new HeldAnswer("model", 500, new HeaderDictionary(), "a\u0001<"u8.ToArray())));
        xml.Root!.Element(Namespace + "body-base64")!.Value.ShouldBe(Convert.ToBase64String("a\u0001<"u8));
    }

    [Fact]
    public void A_problem_of_the_gateways_own_is_told_as_it_is()
    {
        var headers = new HeaderDictionary { ["Content-Type"] = Problem.ContentType, [Problem.ReasonHeader] = "queue-full" };
        var body = new Problem(503, "queue-full", "Full", "It is full.") { RetryAfter = 3 }.ToJson();
        var answer = new HeldAnswer("model", 503, headers, body);
        Text(JsonHeld.Plain, answer).ShouldBe(Encoding.UTF8.GetString(body.Span));
        Text(EventHeld.Plain, answer).ShouldBe($"event: refused\ndata: {Encoding.UTF8.GetString(body.Span)}\n\n");
        XDocument.Parse(Text(XmlHeld.Plain, answer)).Root!.Element(Namespace + "retryAfter")!.Value.ShouldBe("3");
    }

    [Fact]
    public void An_event_of_several_lines_stays_one()
    {
        var headers = new HeaderDictionary { ["Content-Type"] = Problem.ContentType, [Problem.ReasonHeader] = "x" };
        Text(EventHeld.Plain, new HeldAnswer("model", 503, headers, "{\r\n\"a\":\r1\n}"u8.ToArray())).ShouldBe("event: refused\ndata: {\ndata: \"a\":\ndata: 1\ndata: }\n\n");
        Text(EventHeld.Plain, new HeldAnswer("model", 200, new HeaderDictionary(), "a\nb"u8.ToArray())).ShouldBe("event: result\ndata: {\"status\":200,\"headers\":{},\"body\":\"a\\nb\"}\n\n");
    }

    private static string Text(HeldFormat format, HeldAnswer answer)
    {
        var output = new ArrayBufferWriter<byte>();
        format.Write(output, answer);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
