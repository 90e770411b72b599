using System.Diagnostics.Metrics;
using Admission.Frontend.Buffering;

namespace Admission.Frontend.Telemetry;

/// <summary>The instruments of the gateway's own things: bodies and connections. docs/telemetry.md has a row for each.</summary>
internal sealed class GatewayMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Admission.Frontend";

    private const string MediumKey = "admission.medium";

    private Buffers? _buffers;
    private Func<IEnumerable<string>>? _held;

    public GatewayMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        meter.CreateObservableUpDownCounter(
            "admission.buffer.usage", () => ByMedium(static buffers => (buffers.Memory, buffers.Disk)), "By", "Bytes of bodies that are buffered.");
        meter.CreateObservableUpDownCounter(
            "admission.buffer.limit", () => ByMedium(static buffers => (buffers.MemoryLimit, buffers.DiskLimit)), "By", "Bytes that all buffers together may take.");
        meter.CreateObservableCounter(
            "admission.buffer.spills", () => Volatile.Read(ref _buffers) is { } buffers ? [new Measurement<long>(buffers.Spills)] : Array.Empty<Measurement<long>>(), "{body}",
            "Bodies of which a part went to disk.");
        meter.CreateObservableUpDownCounter("admission.connections.held", Held, "{connection}", "Connections of clients that are kept alive until their answer is there.");
    }

    /// <summary>Shows the buffers.</summary>
    public void Show(Buffers buffers) => Volatile.Write(ref _buffers, buffers);

    /// <summary>Shows the connections that are held.</summary>
    /// <param name="backends">The backend of each.</param>
    public void ShowHeld(Func<IEnumerable<string>> backends) => Volatile.Write(ref _held, backends);

    private Measurement<long>[] ByMedium(Func<Buffers, (long Memory, long Disk)> value)
    {
        if (Volatile.Read(ref _buffers) is not { } buffers)
        {
            return [];
        }

        var (memory, disk) = value(buffers);
        return [new(memory, new KeyValuePair<string, object?>(MediumKey, "memory")), new(disk, new KeyValuePair<string, object?>(MediumKey, "disk"))];
    }

    private List<Measurement<long>> Held() =>
    [
        .. (Volatile.Read(ref _held)?.Invoke() ?? []).GroupBy(static backend => backend, StringComparer.OrdinalIgnoreCase)
            .Select(static held => new Measurement<long>(held.LongCount(), new KeyValuePair<string, object?>("admission.backend", held.Key.ToLowerInvariant()))),
    ];
}
