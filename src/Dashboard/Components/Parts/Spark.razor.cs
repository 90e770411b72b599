using Admission.Dashboard.Components.Formatting;
using Admission.Dashboard.Feed;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Parts;

/// <summary>A backend's line of 15 minutes.</summary>
public sealed partial class Spark
{
    private SparkPath _path = SparkPath.Empty;
    private LinePoint? _last;
    private int _count = -1;
    private bool _isNew = true;

    /// <summary>The points, the oldest first.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<LinePoint> Line { get; set; } = [];

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        LinePoint? last = Line.Count > 0 ? Line[^1] : null;
        _isNew = _count != Line.Count || last != _last;
        if (_isNew)
        {
            (_last, _count) = (last, Line.Count);
            _path = SparkPath.Of(Line);
        }
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => _isNew;
}
