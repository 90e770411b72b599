using Admission.Dashboard.Components.Formatting;
using Admission.Dashboard.Feed;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Backends;

/// <summary>One backend in the overview. Drawn anew only if something of it has changed.</summary>
public sealed partial class BackendLine
{
    /// <summary>A row's height on a wide screen, in pixels, as the style sheet has it; what is really there is measured by the browser.</summary>
    public const int Height = 52;

    private BackendRow? _drawn;
    private int _drawnIndex;
    private Condition _condition = null!;

    /// <summary>The backend.</summary>
    [Parameter, EditorRequired]
    public BackendRow Row { get; set; } = null!;

    /// <summary>Its place in the table, the head being 1.</summary>
    [Parameter, EditorRequired]
    public int Index { get; set; }

    private string Troubles => string.Join(" · ", Row.Troubles.Select(static each => each.Words));

    // Nothing that is worth a look.
    private static string Nil(double? value) => value is > 0 ? "" : "nil";

    /// <inheritdoc />
    protected override void OnParametersSet() => _condition = Condition.Of(Row);

    /// <inheritdoc />
    protected override bool ShouldRender()
    {
        var isNew = !ReferenceEquals(_drawn, Row) || _drawnIndex != Index;
        (_drawn, _drawnIndex) = (Row, Index);
        return isNew;
    }
}
