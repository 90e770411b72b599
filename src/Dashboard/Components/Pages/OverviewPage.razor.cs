using Admission.Dashboard.Components.Backends;
using Admission.Dashboard.Components.Formatting;
using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Components.Pages;

/// <summary>All backends, those in trouble first.</summary>
public sealed partial class OverviewPage
{
    private readonly BackendOrder _order = new();
    private List<Entry> _shown = [];
    private string _search = "";
    private bool _onlyTrouble;
    private bool _isHeld;

    private string Search
    {
        get => _search;
        set
        {
            _search = value?.Trim() ?? "";
            Arrange();
        }
    }

    private bool OnlyTrouble
    {
        get => _onlyTrouble;
        set
        {
            _onlyTrouble = value;
            Arrange();
        }
    }

    // Whoever has the page in a background tab sees there that something is wrong.
    private string Title => Current?.Rows.Count(static row => Condition.Of(row).Severity >= Severity.Warning) is > 0 and var bad ? $"({bad}) Backends · Admission" : "Backends · Admission";

    private string Note => _shown.Count == Current!.Rows.Count ? "" : $"{Words.Count(_shown.Count)} of {Words.Count(Current.Rows.Count)}";

    private string NoneTitle => _search.Length > 0 ? $"No backend is called anything like “{_search}”" : "No backend is in trouble";

    /// <inheritdoc />
    protected override IDisposable? Watch(Action<Overview> next) => Feed.WatchOverview(next);

    /// <inheritdoc />
    protected override void Show(Overview next) => Arrange();

    // Rows that change places under the pointer make people click on the wrong one.
    private void Hold() => _isHeld = true;

    private void LetGo()
    {
        _isHeld = false;
        Arrange();
    }

    private void SortBy(BackendSort key)
    {
        _order.Choose(key);
        _isHeld = false;
        Arrange();
    }

    private void ShowAll()
    {
        (_search, _onlyTrouble) = ("", false);
        Arrange();
    }

    private void Arrange()
    {
        if (Current is not { } overview)
        {
            return;
        }

        var rows = overview.Rows.Where(row => (_search.Length == 0 || row.Id.Contains(_search, StringComparison.OrdinalIgnoreCase)) && (!_onlyTrouble || row.Trouble > 0));
        var ordered = _isHeld ? BackendOrder.As(_shown.Select(static entry => entry.Row.Id), rows) : _order.Sort(rows);
        _shown = [.. ordered.Select(static (row, index) => new Entry(row, index + 2))];
    }

    private sealed record Entry(BackendRow Row, int Index);
}
