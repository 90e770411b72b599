using System.Security.Cryptography;
using System.Text.Json;

namespace Admission.Simulation;

/// <summary>Changes nothing, and keeps a fingerprint of every report that leaves a pool and of every message that a pool gets, but for what was decided in shadow.</summary>
internal class RecordingTamper : Tamper
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly HashSet<string> _shadowed = [];

    /// <summary>Messages and reports so far.</summary>
    public int Count { get; private set; }

    /// <summary>Holders whose counts of a shadow the ledgers were told.</summary>
    public int Shadowed => _shadowed.Count;

    public string Fingerprint => Convert.ToHexString(_hash.GetCurrentHash());

    public override void Sent(Holder holder, HolderReport report) => Add(report);

    public override LedgerMessage ToPool(Holder holder, LedgerMessage message)
    {
        Add(message);
        return message;
    }

    protected void NoteShadow(string holder) => _shadowed.Add(holder);

    private void Add<T>(T item)
    {
        Count++;
        _hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(item));
    }
}

/// <summary>Every report tells what its holder has counted of a policy that is decided in shadow.</summary>
internal class TellsOfShadows : RecordingTamper
{
    private readonly Dictionary<string, long> _requests = [];

    public override HolderReport ToLedger(Activation activation, HolderReport report)
    {
        NoteShadow(report.Holder);
        var requests = _requests[report.Holder] = _requests.GetValueOrDefault(report.Holder) + 7;
        return report with
        {
            Shadow = new ShadowTotals
            {
                Age = TimeSpan.FromSeconds(requests), Requests = requests, AtOnce = requests / 7 * 3, Refused = [new ShadowRefusals(RefusalReason.QueueFull, requests / 7 * 4)], Holders = 1,
            },
        };
    }
}

/// <summary>Takes what was admitted in shadow for demand.</summary>
internal sealed class TakesShadowsForDemand : TellsOfShadows
{
    public override HolderReport ToLedger(Activation activation, HolderReport report)
    {
        var told = base.ToLedger(activation, report);
        return told with { Demand = told.Demand + 3 };
    }
}
