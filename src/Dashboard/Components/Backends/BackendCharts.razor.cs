using System.Globalization;
using Admission.Dashboard.Components.Formatting;
using Admission.Dashboard.Feed;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Backends;

/// <summary>The charts of a backend's last quarter of an hour.</summary>
public sealed partial class BackendCharts
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(15);

    private readonly string _group = $"charts-{Guid.NewGuid():N}";
    private readonly TimeSpan _step = TimeSpan.FromMinutes(3);
    private List<ChartPoint> _inUse = [];
    private List<ChartPoint> _limit = [];
    private List<ChartPoint> _waiting = [];
    private List<ChartPoint> _refused = [];
    private DateTime _from;
    private DateTime _to;
    private bool _hasRefused;
    private double _mostUse = 1;
    private double _mostQueue = 1;
    private string _useWords = "";
    private string _queueWords = "";
    private LinePoint? _last;
    private bool _isNew = true;

    /// <summary>The points, the oldest first.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<LinePoint> Line { get; set; } = [];

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        LinePoint? last = Line.Count > 0 ? Line[^1] : null;
        _isNew = last != _last || _inUse.Count != Line.Count || Line.Count == 0;
        if (_isNew)
        {
            _last = last;
            Draw();
        }
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => _isNew;

    private static string Clock(object at) => ((DateTime)at).ToString("HH:mm", CultureInfo.InvariantCulture);

    private static string Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture) switch
    {
        < 10 and var small when small != Math.Floor(small) => small.ToString("0.#", CultureInfo.InvariantCulture),
        var other => other.ToString("N0", CultureInfo.InvariantCulture),
    };

    private void Draw()
    {
        if (Line.Count == 0)
        {
            return;
        }

        _to = Line[^1].At.UtcDateTime;
        _from = _to - Length;
        _inUse = Points(static point => point.InUse);
        _limit = Points(static point => point.Limit);
        _waiting = Points(static point => point.Waiting);
        _refused = Points(static point => point.RefusedPerSecond);

        // A line of zeros in the colour of trouble would say the opposite of what it shows.
        _hasRefused = _refused.Exists(static point => point.Value > 0);
        _mostUse = Ceiling(Most(_inUse, _limit));
        _mostQueue = Ceiling(Most(_waiting, _refused));
        _useWords = $"In use and limit over the last 15 minutes: at most {Words.Count((long)Most(_inUse))} in use, limit {Words.Count(_last?.Limit)} now";
        _queueWords = $"Waiting and refused over the last 15 minutes: at most {Words.Count((long)Most(_waiting))} waiting and {Words.Rate(Most(_refused))} refused a second";
    }

    private List<ChartPoint> Points(Func<LinePoint, double> value) => [.. Line.Select(point => new ChartPoint(point.At.UtcDateTime, value(point)))];

    private static double Most(params List<ChartPoint>[] series) => series.SelectMany(static each => each).Select(static point => point.Value).DefaultIfEmpty(0).Max();

    // Whole steps, four or five of them.
    private static double StepOf(double ceiling)
    {
        var scale = Math.Pow(10, Math.Floor(Math.Log10(ceiling)));
        return Math.Round(ceiling / scale) switch
        {
            1 => scale / 5,
            2 => scale / 2,
            _ => scale,
        };
    }

    // The next of 4, 10, 20, 40, 100 ...: the axis stays as it is while the values move, and its steps are whole.
    private static double Ceiling(double most)
    {
        var scale = 1.0;
        while (true)
        {
            foreach (var step in (double[])[4, 10, 20])
            {
                if (most <= step * scale)
                {
                    return step * scale;
                }
            }

            scale *= 10;
        }
    }
}
