"""From measurements to answers: rates, growth at equal age, KPIs."""
