using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Admission.Frontend.Holding;

/// <summary>
/// Line feeds between the XML declaration, before which nothing may stand, and the document. So the declaration is the gateway's, and the one of the answer is left out.
/// </summary>
/// <remarks>An answer that declares another version or encoding is not passed on under ours.</remarks>
/// <param name="type">The type that is promised.</param>
internal sealed partial class XmlHeld(string type) : HeldFormat($"{type}; charset=utf-8")
{
    public const string Type = "application/xml";

    public static XmlHeld Plain { get; } = new(Type);

    public override ReadOnlySpan<byte> Begin => "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8;

    public override ReadOnlySpan<byte> Heartbeat => "\n"u8;

    public override StartOf Examine(ReadOnlySpan<byte> first, bool isAll, out int skipped)
    {
        var start = ExamineMark(first, isAll, out skipped);
        return start != StartOf.Fits ? start : ExamineDeclaration(first[skipped..], isAll, ref skipped);
    }

    public override void Write(IBufferWriter<byte> output, HeldAnswer answer) => XmlProblem.Write(output, answer.ToProblem());

    protected override bool Takes(MediaTypeHeaderValue type) => HoldFormats.IsXml(type);

    private static StartOf ExamineDeclaration(ReadOnlySpan<byte> first, bool isAll, ref int skipped)
    {
        var opening = "<?xml"u8;
        if (!first.StartsWith(opening))
        {
            return isAll && first.IsEmpty ? StartOf.Differs : isAll || first.Length >= opening.Length || !opening.StartsWith(first) ? StartOf.Fits : StartOf.Open;
        }

        if (first.Length > opening.Length && first[opening.Length] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
        {
            // A processing instruction whose name only begins like that, such as <?xml-stylesheet.
            return StartOf.Fits;
        }

        var end = first.IndexOf("?>"u8);
        if (end < 0)
        {
            return isAll || skipped + first.Length >= LongestStart ? StartOf.Differs : StartOf.Open;
        }

        var declaration = Declaration().Match(Encoding.Latin1.GetString(first[..end]));
        if (!declaration.Success || declaration.Groups["version"].Value != "1.0" || (declaration.Groups["encoding"].Success && !IsUtf8(declaration.Groups["encoding"].Value)))
        {
            return StartOf.Differs;
        }

        skipped += end + 2;
        return StartOf.Fits;
    }

    [GeneratedRegex(
        """^<\?xml\s+version\s*=\s*["'](?<version>[^"']*)["'](\s+encoding\s*=\s*["'](?<encoding>[^"']*)["'])?(\s+standalone\s*=\s*["'][a-z]+["'])?\s*$""",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Declaration();
}
