namespace Admission.Capacity;

/// <summary>
/// How long the clients of a backend wait for their answers before they leave, and how long a request may therefore wait: learned from those who left and those
/// who were served or refused, over the whole cluster.
/// </summary>
/// <remarks>
/// <para>
/// Who was answered after 80 ms would have stayed for 80 ms at least; how much longer nobody knows. Left out, or taken for their patience, such observations make
/// clients seem less patient than they are. So the share of clients that stay beyond a time, S(t), is the product-limit estimate: the product, over all shorter
/// times, of the share of those present then that did not leave then (E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete Observations", JASA 53,
/// 1958), on times grouped into <see cref="PatienceBuckets"/>, with those answered within a bucket counted for half of it (the actuarial form: S. J. Cutler and
/// F. Ederer, "Maximum utilization of the life table method", J. Chronic Diseases 8, 1958).
/// </para>
/// <para>
/// With A the time that answers take, of which a histogram is kept, Q(w) = E S(w + A) is the chance that a client who waits w is served in time, and 1 - Q(w) / S(w)
/// the chance that work done after such a wait is for nothing. Both are compared with what they are without a wait, because nobody can do better than that. The longest
/// wait is where the first of two rules ends it: beyond it three clients in four that would have been served in time without a wait no longer are; or more of the work
/// would be for nothing than is tolerated at present: three quarters while less than 1.25 % of the dispatched work was beyond what is unavoidable, falling evenly to 2 %
/// where it was 2.25 %. So a queue is cut short where waste is seen, and clients of whom half have no patience do not cost the other half its queue.
/// </para>
/// <para>
/// Memory (<see cref="StayCounts"/>): each bucket is the ratio of the last 256 clients that were present then, so clients that change are noticed after some hundreds. And it fades by half in
/// 64 times its own time, 15 s at least, while four imaginary clients that stayed are always added: refusing shows nobody's patience, but after some minutes a longer wait
/// is tried again, for about the time of one wait. While nobody leaves, nobody is refused.
/// </para>
/// </remarks>
internal sealed class ClientPatience(TimeProvider time)
{
    private const double Imaginary = 4;
    private const double MostAnswers = 256;
    private const double MostDispatched = 1024;
    private const double ImaginaryInTime = 64;
    private const double MostLoss = 0.75;
    private const double LeastLoss = 0.02;
    private const double MuchWaste = 0.0225;
    private const double LittleWaste = 0.0125;

    /// <summary>Where so few are served in time even without a wait, no choice of the wait helps.</summary>
    private const double Hopeless = 0.1;

    private static readonly TimeSpan FadeEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan EstimateEvery = TimeSpan.FromMilliseconds(20);

    private readonly MonotonicClock _clock = new(time);

    // Made with the first report: most backends have no queue and never need them.
    private StayCounts? _counts;
    private double[] _answers = [];
    private double[] _stays = [];

    private double _inTime;
    private double _forNothing;
    private long _fadedAt;
    private long _estimatedAt = MonotonicClock.Never;
    private bool _changed;
    private double _withoutWait = 1;
    private TimeSpan? _longestWait;

    /// <summary>The longest wait that is worth while at present; null for any.</summary>
    public TimeSpan? LongestWait
    {
        get
        {
            Estimate();
            return _longestWait;
        }
    }

    /// <summary>The share of the dispatched work that was for nothing, beyond what would have been so without any wait.</summary>
    public double Waste { get; private set; }

    /// <summary>The share of the work after a wait that may be for nothing at present, beyond what is so without any wait.</summary>
    public double Tolerated { get; private set; } = MostLoss;

    /// <summary>Clients that were seen to leave.</summary>
    public long Departures { get; private set; }

    /// <summary>Takes a life's totals.</summary>
    /// <param name="before">Those taken before; null for none.</param>
    /// <param name="now">The new ones.</param>
    public void Add(ClientTotals? before, ClientTotals now)
    {
        if (_counts is null)
        {
            (_counts, _answers) = (new StayCounts(), new double[PatienceBuckets.Count]);
            _stays = new double[PatienceBuckets.Count + 1];
            _fadedAt = _clock.Now;
        }

        Fade();
        _changed = true;
        Departures += _counts.Add(before, now, (bucket, answers) => _answers[bucket] += answers);
        Bound(_answers, MostAnswers);
        _inTime += Math.Max(0, now.InTime - (before?.InTime ?? 0));
        _forNothing += Math.Max(0, now.ForNothing - (before?.ForNothing ?? 0));
        var scale = Math.Min(1, MostDispatched / Math.Max(1, _inTime + _forNothing));
        (_inTime, _forNothing) = (_inTime * scale, _forNothing * scale);
    }

    /// <summary>Whether a request that has waited so long would be served too late.</summary>
    public bool IsTooLate(TimeSpan waited) => LongestWait is { } longest && waited > longest && IsTooLateIn(_stays, _withoutWait, waited.TotalMilliseconds);

    /// <summary>The estimated share of clients that stay beyond a time; those of its own bucket that leave are taken to leave before it.</summary>
    public double StaysBeyond(TimeSpan after)
    {
        Estimate();
        return _stays.Length == 0 ? 1 : _stays[PatienceBuckets.Of(after) + 1];
    }

    private static void Bound(double[] histogram, double most)
    {
        var sum = histogram.Sum();
        for (var i = 0; i < histogram.Length && sum > most; i++)
        {
            histogram[i] *= most / sum;
        }
    }

    private void Fade()
    {
        var elapsed = _clock.Between(_fadedAt, _clock.Now);
        if (elapsed < FadeEvery)
        {
            return;
        }

        _fadedAt = _clock.Now;
        _changed = true;
        _counts!.Fade(elapsed);
    }

    private void Estimate()
    {
        if (_counts is null)
        {
            return;
        }

        Fade();
        var now = _clock.Now;
        if (!_changed || (_estimatedAt != MonotonicClock.Never && now < _estimatedAt + _clock.Ticks(EstimateEvery)))
        {
            return;
        }

        _changed = false;
        _estimatedAt = now;
        _stays[0] = 1;
        for (var i = 0; i < PatienceBuckets.Count; i++)
        {
            _stays[i + 1] = _stays[i] * (1 - LeavesIn(i));
        }

        _withoutWait = ServedInTime(_stays, 0);
        Waste = Math.Max(0, (_forNothing / (_forNothing + _inTime + ImaginaryInTime)) - (1 - _withoutWait));
        Tolerated = Math.Clamp(LeastLoss + ((MostLoss - LeastLoss) * (MuchWaste - Waste) / (MuchWaste - LittleWaste)), LeastLoss, MostLoss);
        _longestWait = FindLongestWait(_stays);
    }

    private double LeavesIn(int bucket) => _counts!.Left(bucket) / (_counts.Present(bucket) + Imaginary);

    /// <summary>
    /// The share of one tenant's clients that stay beyond each bucket: of a bucket in which enough of them were present by what they did, of others by what all clients did.
    /// </summary>
    /// <param name="own">What they did.</param>
    /// <param name="enough">How many are enough.</param>
    /// <param name="stays">Takes the shares, from 1 before the first bucket.</param>
    /// <returns>The longest wait that is worth while for them; null for any.</returns>
    public TimeSpan? EstimateFor(StayCounts own, double enough, double[] stays)
    {
        Estimate();
        stays[0] = 1;
        for (var i = 0; i < PatienceBuckets.Count; i++)
        {
            var leaves = own.Present(i) >= enough ? own.Left(i) / (own.Present(i) + Imaginary) : _counts is null ? 0 : LeavesIn(i);
            stays[i + 1] = stays[i] * (1 - leaves);
        }

        return FindLongestWait(stays);
    }

    /// <summary>Whether a request that has waited so long would be served too late for clients that stay so.</summary>
    public bool IsTooLateFor(double[] stays, TimeSpan waited) => IsTooLateIn(stays, ServedInTime(stays, 0), waited.TotalMilliseconds);

    /// <summary>The begin of the first bucket at whose end a wait is too long: a queue grows through all shorter waits.</summary>
    private TimeSpan? FindLongestWait(double[] stays)
    {
        var withoutWait = ServedInTime(stays, 0);
        if (stays[^1] > 1 - LeastLoss || withoutWait < Hopeless)
        {
            return null;
        }

        for (var i = 0; i < PatienceBuckets.Count - 1; i++)
        {
            // Just before the end, which is the next one's begin.
            if (IsTooLateIn(stays, withoutWait, PatienceBuckets.Start(i + 1) * (1 - 1e-9)))
            {
                return TimeSpan.FromMilliseconds(PatienceBuckets.Start(i));
            }
        }

        return null;
    }

    private bool IsTooLateIn(double[] stays, double withoutWait, double milliseconds)
    {
        var inTime = ServedInTime(stays, milliseconds) / withoutWait;
        var stillThere = stays[PatienceBuckets.Of(milliseconds)];
        return inTime < 1 - MostLoss || (stillThere > 0 && inTime / stillThere < 1 - Tolerated);
    }

    /// <summary>Q: the chance that a client is still there when it is answered after a wait.</summary>
    private double ServedInTime(double[] stays, double wait)
    {
        double all = 0, inTime = 0;
        for (var i = 0; i < _answers.Length; i++)
        {
            if (_answers[i] > 0)
            {
                all += _answers[i];
                inTime += _answers[i] * stays[PatienceBuckets.Of(wait + PatienceBuckets.Middle(i)) + 1];
            }
        }

        return all > 0 ? inTime / all : 1;
    }
}
