using System.Buffers;
using Microsoft.Net.Http.Headers;

namespace Admission.Frontend.Holding;

/// <summary>Line feeds before a JSON text.</summary>
/// <param name="contentType">What is promised.</param>
internal sealed class JsonHeld(string contentType) : HeldFormat(contentType)
{
    public const string Type = "application/json";

    public static JsonHeld Plain { get; } = new(Type);

    public override ReadOnlySpan<byte> Begin => Heartbeat;

    public override ReadOnlySpan<byte> Heartbeat => "\n"u8;

    public override StartOf Examine(ReadOnlySpan<byte> first, bool isAll, out int skipped)
    {
        var start = ExamineMark(first, isAll, out skipped);
        return isAll && first.Length == skipped ? StartOf.Differs : start;
    }

    public override void Write(IBufferWriter<byte> output, HeldAnswer answer) => output.Write(answer.ToProblem().Span);

    protected override bool Takes(MediaTypeHeaderValue type) => HoldFormats.IsJson(type);
}
