using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Admission.Frontend.Tests.Support;

/// <summary>Hears what the gateways of this process log as errors. Other tests' lines are among them, so look for words of your own.</summary>
internal sealed class HostLog : EventListener
{
    private const string Source = "Microsoft-Extensions-Logging";
    private const EventKeywords FormattedMessage = (EventKeywords)4;

    private readonly ConcurrentQueue<(int Event, string Text)> _lines = new();

    // The source has to be there before the first listener: the filter of one that waits for it is read in its static initializer, where .NET 10's
    // LoggingEventSource does not know the separator ':' yet, takes "Admission*:Error" for the name of a category, and so lets nothing through.
    static HostLog() => LoggerFactory.Create(logging => logging.AddEventSourceLogger()).Dispose();

    /// <summary>Waits for a line.</summary>
    /// <param name="id">Its event id.</param>
    /// <param name="words">What it has in it.</param>
    public Task HasAsync(int id, string words) =>
        Until.TrueAsync(() => _lines.Any(line => line.Event == id && line.Text.Contains(words, StringComparison.Ordinal)), $"Nothing is logged about: {words}");

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
        {
            EnableEvents(eventSource, EventLevel.Error, FormattedMessage, new Dictionary<string, string?> { ["FilterSpecs"] = "Admission*:Error" });
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData is { EventName: "FormattedMessage", Payload: { } payload, PayloadNames: { } names })
        {
            var id = Convert.ToInt32(payload[names.IndexOf("EventId")], CultureInfo.InvariantCulture);
            _lines?.Enqueue((id, payload[names.IndexOf("FormattedMessage")] as string ?? ""));
        }
    }
}
