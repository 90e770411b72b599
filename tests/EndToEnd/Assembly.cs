// Real servers on two cores: what runs beside a test shows in its figures.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
