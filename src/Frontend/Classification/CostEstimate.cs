using Admission.Capacity;

namespace Admission.Frontend.Classification;

/// <summary>What the requests of one kind cost: their mean time in the backend, and the weight that follows from it. Not thread-safe.</summary>
/// <remarks>
/// <para>
/// The weight is the mean time divided by the reference time, rounded, at least 1. The mean is that of all samples up to 32; from then on each new sample
/// counts for a 32nd.
/// </para>
/// <para>
/// It does not flap: a weight <c>w</c> is kept while the quotient is within <c>max(0.75, w / 4)</c> of it, and then takes the rounded quotient at once. A
/// single step up (at <c>w + 0.75</c>, to <c>w + 1</c>) is taken back only half a reference time lower.
/// </para>
/// <para>
/// The source of the idea is the width of a request in Kubernetes' API Priority and Fairness: cost divided by the cost of one seat, between 1 and 10
/// seats (<c>list_work_estimator.go</c> and <c>config.go</c> in kubernetes/apiserver, <c>pkg/util/flowcontrol/request</c>). There the cost is the number of
/// objects that a list will touch; a gateway knows only the time.
/// </para>
/// </remarks>
internal sealed class CostEstimate
{
    /// <summary>With fewer samples there is no estimate.</summary>
    public const int FewestSamples = 8;

    private const int Memory = 32;

    private int _samples;
    private double _mean;
    private int _weight = 1;

    /// <summary>The weight; null while there are too few samples.</summary>
    public int? Weight => _samples < FewestSamples ? null : _weight;

    /// <summary>The mean time in the backend.</summary>
    public TimeSpan Mean => TimeSpan.FromTicks((long)_mean);

    /// <summary>Takes one request's time in the backend.</summary>
    /// <param name="time">The time.</param>
    /// <param name="reference">The time that one permit stands for; more than zero.</param>
    public void Add(TimeSpan time, TimeSpan reference)
    {
        _samples = Math.Min(_samples + 1, Memory);
        _mean += (time.Ticks - _mean) / _samples;
        var quotient = _mean / reference.Ticks;
        if (_samples <= FewestSamples || Math.Abs(quotient - _weight) > Math.Max(0.75, _weight / 4.0))
        {
            _weight = (int)Math.Clamp(Math.Round(quotient, MidpointRounding.AwayFromZero), 1, BackendPolicyRules.LargestLimit);
        }
    }
}
