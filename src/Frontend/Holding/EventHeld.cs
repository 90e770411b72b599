using System.Buffers;
using System.Text;
using System.Text.Json;
using Admission.Frontend.Api;
using Admission.Frontend.Deferring;
using Admission.Jobs;
using Microsoft.Net.Http.Headers;

namespace Admission.Frontend.Holding;

/// <summary>
/// Server-sent events: <c>ticket</c> while the request waits, <c>running</c>, and at last <c>result</c> or <c>refused</c>; comments in between. Events of the backend's own go on as they are.
/// </summary>
internal sealed class EventHeld() : HeldFormat(Type)
{
    public const string Type = "text/event-stream";

    /// <summary>What the backend may answer: its own events, or anything else, which becomes an event.</summary>
    public const string Accepted = $"{Type}, */*;q=0.5";

    private static readonly JsonSerializerOptions Json = new(JobJson.Options) { WriteIndented = false };

    public static EventHeld Plain { get; } = new();

    public override ReadOnlySpan<byte> Begin => Heartbeat;

    public override ReadOnlySpan<byte> Heartbeat => ": waiting\n\n"u8;

    public override bool TellsTicket => true;

    /// <summary>Writes an event.</summary>
    public static void Write<T>(IBufferWriter<byte> output, string name, T data) => Write(output, name, JsonSerializer.Serialize(data, Json));

    public override StartOf Examine(ReadOnlySpan<byte> first, bool isAll, out int skipped) => ExamineMark(first, isAll, out skipped);

    public override void Write(IBufferWriter<byte> output, HeldAnswer answer)
    {
        if (answer.IsProblem)
        {
            Write(output, "refused", Encoding.UTF8.GetString(answer.Body.Span));
        }
        else
        {
            Write(output, "result", ResultEvent.Of(answer.Status, JobHeaders.Keep(answer.Headers), answer.Body.Span));
        }
    }

    protected override bool Takes(MediaTypeHeaderValue type) => HoldFormats.IsEventStream(type);

    // Data of several lines has "data:" before each. Lines end with CR, LF or both here, and with nothing else.
    private static void Write(IBufferWriter<byte> output, string name, string data)
    {
        var lines = data.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\ndata: ", StringComparison.Ordinal);
        Encoding.UTF8.GetBytes($"event: {name}\ndata: {lines}\n\n", output);
    }
}
