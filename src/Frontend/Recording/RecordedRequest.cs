using Admission.Capacity;
using Admission.Trace;

namespace Admission.Frontend.Recording;

/// <summary>One request while it is recorded; used by the flow of that request only.</summary>
internal sealed class RecordedRequest
{
    private readonly RecordingFile _file;
    private readonly TimeProvider _time;
    private readonly long _arrived;
    private long _decided;
    private Arrival _arrival;

    public RecordedRequest(RecordingFile file, TimeProvider time, string backend, in AdmissionRequest request)
    {
        _file = file;
        _time = time;
        _arrived = time.GetTimestamp();
        _arrival = new Arrival
        {
            At = file.Since(_arrived),
            Backend = backend,
            Tenant = request.Tenant,
            Priority = request.Priority,
            Weight = request.Weight,
            Deadline = request.MaxWait,
        };
    }

    /// <summary>It was admitted or refused.</summary>
    public void Decided(bool admitted)
    {
        _decided = _time.GetTimestamp();
        var waited = _time.GetElapsedTime(_arrived, _decided);
        _arrival = _arrival with { Waited = waited, Outcome = admitted ? ArrivalOutcome.Served : ArrivalOutcome.Refused };
    }

    /// <summary>Its permit has gone back. Only what ran to its end, or as long as it may, shows its service time.</summary>
    public void Released(RunOutcome outcome) => _arrival = outcome switch
    {
        RunOutcome.Served or RunOutcome.Overloaded or RunOutcome.TimedOut => _arrival with { Service = _time.GetElapsedTime(_decided) },
        RunOutcome.Unknown => _arrival with { Outcome = ArrivalOutcome.Left },
        _ => _arrival with { Outcome = ArrivalOutcome.Refused },
    };

    /// <summary>It is over: writes it down, unless the file cannot keep up.</summary>
    public void End()
    {
        if (_arrival.Outcome == ArrivalOutcome.None)
        {
            // Nothing but its client's leaving ends the wait without a decision.
            _arrival = _arrival with { Waited = _time.GetElapsedTime(_arrived), Outcome = ArrivalOutcome.Left };
        }

        _file.Add(_arrival);
    }
}
