namespace Admission.Telemetry.Tests.Support;

/// <summary>A span as a collector gets it.</summary>
internal sealed record ReceivedSpan(string Scope, string Name, string Trace, string Id, string Parent);

/// <summary>Reads as much of OTLP's protobuf as the tests look at: fields by number, nested by their lengths.</summary>
internal static class Protobuf
{
    /// <summary>The spans of an ExportTraceServiceRequest.</summary>
    public static IEnumerable<ReceivedSpan> Spans(byte[] request) =>
        from resource in Fields(request, 1)
        from scope in Fields(resource, 2)
        let name = Fields(scope, 1).SelectMany(each => Fields(each, 1)).Select(Text).FirstOrDefault("")
        from span in Fields(scope, 2)
        select new ReceivedSpan(name, Text(Fields(span, 5).First()), Hex(Fields(span, 1)), Hex(Fields(span, 2)), Hex(Fields(span, 4)));

    /// <summary>The names of the metrics of an ExportMetricsServiceRequest.</summary>
    public static IEnumerable<string> Metrics(byte[] request) =>
        from resource in Fields(request, 1)
        from scope in Fields(resource, 2)
        from metric in Fields(scope, 2)
        select Text(Fields(metric, 1).First());

    /// <summary>The attributes of the resource, those that are texts.</summary>
    public static IEnumerable<(string Key, string Value)> Resource(byte[] request) =>
        from described in Fields(request, 1)
        from resource in Fields(described, 1)
        from attribute in Fields(resource, 1)
        select (Text(Fields(attribute, 1).First()), Fields(attribute, 2).SelectMany(value => Fields(value, 1)).Select(Text).FirstOrDefault(""));

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    private static string Hex(IEnumerable<byte[]> bytes) => Convert.ToHexStringLower(bytes.FirstOrDefault([]));

    private static List<byte[]> Fields(byte[] message, ulong number)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    if (tag >> 3 == number)
                    {
                        found.Add(message[at..(at + length)]);
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {tag & 7} at {at}.");
            }
        }

        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
